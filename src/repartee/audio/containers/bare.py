"""MP3, AAC and FLAC files: packets one after another, with no container around them.

Where one packet ends and the next begins, a parser finds out by their patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from repartee.audio.containers.incoming import Incoming
from repartee.audio.containers.tracks import CodedTrack

if TYPE_CHECKING:
    from av import AudioCodecContext

_TITLES, _TITLES_HEADER = b"ID3", 10
_FLAC, _FLAC_BLOCK_HEADER, _FLAC_INFO_BYTES = b"fLaC", 4, 34
_LAST_BLOCK = 0x80
_KNOWN_AFTER = 4
_PIECE_BYTES = 1 << 14
_INDEX_MARKS = (b"Xing", b"Info")
"""The first MP3 packet may hold an index in place of sound, 36 bytes from its begin at most."""
_INDEX_WITHIN = 64


class BareDemuxer:
    def __init__(self) -> None:
        self.track: CodedTrack | None = None
        self._incoming = Incoming()
        self._flac_info: bytes | None = None
        self._in_flac_header = False
        self._parser: AudioCodecContext | None = None
        self._any = False

    @property
    def ended(self) -> bool:
        """There is nothing in it that could say so."""
        return False

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._incoming.add(piece)
        while self.track is None and self._read_head():
            yield b""
        if self.track is not None:
            while taken := self._incoming.take(_PIECE_BYTES):
                yield b""
                yield from self._parsed(self.track.codec, taken)

    def finish(self) -> Iterator[bytes]:
        if self.track is not None:
            yield from self._parsed(self.track.codec, None)

    def _read_head(self) -> bool:
        """Pass over titles and pictures before the sound; False: not enough is there yet."""
        if self._in_flac_header:
            return self._read_flac_block()
        head = self._incoming.peek(_TITLES_HEADER)
        if head.startswith(_TITLES):
            if len(head) < _TITLES_HEADER:
                return False
            self._incoming.skip(_TITLES_HEADER + _seven_bits_each(head[6:10]))
            return True
        if len(head) < _KNOWN_AFTER:
            return False
        if head.startswith(_FLAC):
            self._incoming.skip(len(_FLAC))
            self._in_flac_header = True
            return True
        self.track = CodedTrack("aac" if is_adts(head) else "mp3float")
        return False

    def _read_flac_block(self) -> bool:
        # The first block is always the stream's facts.
        needed = _FLAC_BLOCK_HEADER + (_FLAC_INFO_BYTES if self._flac_info is None else 0)
        head = self._incoming.peek(needed)
        if len(head) < needed:
            return False
        if self._flac_info is None:
            self._flac_info = head[_FLAC_BLOCK_HEADER:]
        self._incoming.skip(_FLAC_BLOCK_HEADER + int.from_bytes(head[1:_FLAC_BLOCK_HEADER]))
        if head[0] & _LAST_BLOCK:
            self.track = CodedTrack("flac", self._flac_info)
        return self.track is None

    def _parsed(self, codec: str, piece: bytes | None) -> Iterator[bytes]:
        if self._parser is None:
            from repartee.audio.ffmpeg import audio_decoder

            self._parser = audio_decoder(codec)
        while packets := self._parser.parse(piece):
            for packet in map(bytes, packets):
                is_index = codec == "mp3float" and not self._any and _is_index(packet)
                self._any = True
                if not is_index:
                    yield packet
            if piece is not None:
                return  # at the end the parser gives what it kept one by one


def is_adts(head: bytes) -> bool:
    """AAC as a bare stream; what would be the layer in MP3 is 0."""
    return head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _is_index(packet: bytes) -> bool:
    return any(mark in packet[:_INDEX_WITHIN] for mark in _INDEX_MARKS)


def _seven_bits_each(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value
