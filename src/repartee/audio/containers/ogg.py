"""Ogg: pages with pieces of packets, as Firefox and phones record them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from repartee.audio.containers.incoming import Incoming
from repartee.audio.containers.tracks import CodedTrack, no_sound_track

_MARK = b"OggS"
_PAGE = struct.Struct("<4sBBqIIIB")
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_FULL_SEGMENT = 255

_OPUS, _OPUS_TAGS, _VORBIS, _FLAC = b"OpusHead", b"OpusTags", b"\x01vorbis", b"\x7fFLAC"
_MARK_BYTES = 8
"""The first bytes of a stream, which tell what it is."""
_VORBIS_HEADERS = 3
_FLAC_INFO = slice(17, 51)
_FLAC_FRAME = 0xFF


class OggDemuxer:
    def __init__(self) -> None:
        self.track: CodedTrack | None = None
        self.ended = False
        self._incoming = Incoming()
        self._serial: int | None = None
        self._head = b""
        self._headers: list[bytes] = []
        self._segments = b""
        """The sizes of what is still to come of a page of ours."""
        self._is_last_page = False
        self._begun = bytearray()
        """A packet whose end has not come."""
        self._is_orphan = False
        """The begin of that packet was lost."""

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._incoming.add(piece)
        while not self.ended:
            while self._segments and len(self._incoming) >= self._segments[0]:
                if (packet := self._next_segment()) is not None:
                    yield packet
            if self._segments or not self._next_page():
                return
            yield b""

    def finish(self) -> Iterator[bytes]:
        return iter(())

    def _next_page(self) -> bool:
        """Begin to read a page, or pass over one of another stream; False: it is not there yet."""
        if not self._incoming.skip_to(_MARK) or len(self._incoming) < _PAGE.size:
            return False
        _, version, flags, _, serial, _, _, count = _PAGE.unpack(self._incoming.peek(_PAGE.size))
        if version != 0:
            self._incoming.skip(len(_MARK))  # not a page: the mark was there by chance
            return True
        segments = self._incoming.peek(_PAGE.size + count)[_PAGE.size :]
        if len(segments) < count:
            return False
        if flags & _FIRST and not self._choose(serial, _PAGE.size + count):
            return False
        self._incoming.skip(_PAGE.size + count)
        if self._serial is None and not flags & _FIRST:
            raise no_sound_track()
        if serial == self._serial:
            self._turn_to(flags, segments)
        else:
            self._incoming.skip(sum(segments))
        return True

    def _choose(self, serial: int, body_at: int) -> bool:
        """Take this stream if it is the first with sound; False: its begin is not there yet."""
        head = self._incoming.peek(body_at + _MARK_BYTES)[body_at:]
        if self._serial is None and head.startswith((_OPUS, _VORBIS, _FLAC)):
            self._serial = serial
            self._head = head
        return len(head) == _MARK_BYTES

    def _turn_to(self, flags: int, segments: bytes) -> None:
        self._segments = segments
        self._is_last_page = bool(flags & _LAST)
        if not flags & _CONTINUED:
            self._begun.clear()
        self._is_orphan = bool(flags & _CONTINUED) and (self._is_orphan or not self._begun)
        self.ended = self._is_last_page and not segments

    def _next_segment(self) -> bytes | None:
        """The packet that ends with the next segment, empty if it is no sound; None: none ends."""
        size, self._segments = self._segments[0], self._segments[1:]
        self._begun += self._incoming.take(size)
        self.ended = self._is_last_page and not self._segments
        if size == _FULL_SEGMENT:
            return None
        packet = b"" if self._is_orphan else bytes(self._begun)
        self._begun.clear()
        self._is_orphan = False
        return packet if packet and self._is_sound(packet) else b""

    def _is_sound(self, packet: bytes) -> bool:
        """Whether it is; if not, it tells what the decoder has to know."""
        if self._head.startswith(_OPUS):
            self.track = self.track or CodedTrack("opus", packet)
            return not packet.startswith((_OPUS, _OPUS_TAGS))
        if self._head.startswith(_FLAC):
            self.track = self.track or CodedTrack("flac", packet[_FLAC_INFO])
            return packet[0] == _FLAC_FRAME
        if self.track is None:
            self._headers.append(packet)
            if len(self._headers) == _VORBIS_HEADERS:
                self.track = CodedTrack("vorbis", _laced(self._headers))
            return False
        return True


def _laced(headers: list[bytes]) -> bytes:
    """Vorbis headers in one piece, with the sizes of all but the last before them."""
    sizes = b"".join(b"\xff" * (len(one) // 255) + bytes([len(one) % 255]) for one in headers[:-1])
    return bytes([len(headers) - 1]) + sizes + b"".join(headers)
