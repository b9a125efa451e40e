"""WebM and Matroska, as browsers record them: packets of sound out of a stream without an end.

The nesting is not followed: whatever may hold sound is stepped into, whatever may not is passed
over, and every id tells what it is. So sizes that nobody knew yet need no thought.
"""

from __future__ import annotations

from collections.abc import Iterator

from repartee.audio.containers import ebml
from repartee.audio.containers.incoming import Incoming
from repartee.audio.containers.lacing import frames_of
from repartee.audio.containers.tracks import (
    CodedTrack,
    PlainTrack,
    Track,
    encrypted,
    no_sound_track,
    printable,
    unknown_codec,
)
from repartee.audio.layout import FLOAT, INTEGER, pcm_layout

_SEGMENT, _TRACKS, _CLUSTER, _BLOCK_GROUP = 0x18538067, 0x1654AE6B, 0x1F43B675, 0xA0
_STEPPED_INTO = {_SEGMENT, _TRACKS, _CLUSTER, _BLOCK_GROUP}
_CLUSTER_MARK = _CLUSTER.to_bytes(4)

_TRACK_ENTRY, _SIMPLE_BLOCK, _BLOCK = 0xAE, 0xA3, 0xA1
_MOST_BYTES = {_TRACK_ENTRY: 1 << 20, _SIMPLE_BLOCK: 1 << 22, _BLOCK: 1 << 22}

_NUMBER, _TYPE, _CODEC, _PRIVATE, _ENCODINGS = 0xD7, 0x83, 0x86, 0x63A2, 0x6D80
_AUDIO, _RATE, _CHANNELS, _BITS = 0xE1, 0xB5, 0x9F, 0x6264
_IS_AUDIO = 2

_CODECS = {
    b"A_OPUS": "opus",
    b"A_VORBIS": "vorbis",
    b"A_AAC": "aac",
    b"A_MPEG/L3": "mp3float",
    b"A_FLAC": "flac",
}
_PLAIN = {b"A_PCM/INT/LIT": INTEGER, b"A_PCM/FLOAT/IEEE": FLOAT}
_FLAC_INFO = slice(8, 42)
"""A_FLAC's private bytes begin as a FLAC file does; the decoder wants the stream's facts alone."""


class WebmDemuxer:
    def __init__(self) -> None:
        self.track: Track | None = None
        self._number = 0
        self._incoming = Incoming()
        self._end: int | None = None
        self._lost = False

    @property
    def ended(self) -> bool:
        """A live recording's size is unknown: it can't say so."""
        return self._end is not None and self._incoming.position >= self._end

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._incoming.add(piece)
        while True:
            if self._lost and not self._incoming.skip_to(_CLUSTER_MARK):
                return
            self._lost = False
            try:
                element = self._next()
            except ebml.Junk:
                self._incoming.skip(1)
                self._lost = True
                continue
            if element is None:
                return
            name, body = element
            if name == _TRACK_ENTRY:
                self._read_track(body)
            elif name == _CLUSTER and self.track is None:
                raise no_sound_track()
            if name in (_SIMPLE_BLOCK, _BLOCK):
                yield from self._packets(body)
            else:
                yield b""

    def finish(self) -> Iterator[bytes]:
        return iter(())

    def _next(self) -> tuple[int, bytes] | None:
        """The next element, whole if it is one to be read; None: it is not all there yet."""
        head = ebml.header(self._incoming.peek(ebml.LONGEST_HEADER))
        if head is None:
            return None
        if head.id in _STEPPED_INTO:
            self._incoming.skip(head.length)
            if head.id == _SEGMENT and head.size is not None:
                self._end = self._incoming.position + head.size
            return head.id, b""
        if head.size is None or head.size > _MOST_BYTES.get(head.id, head.size):
            raise ebml.Junk
        if head.id not in _MOST_BYTES:
            self._incoming.skip(head.length + head.size)
            return head.id, b""
        if len(self._incoming) < head.length + head.size:
            return None
        self._incoming.skip(head.length)
        return head.id, self._incoming.take(head.size)

    def _packets(self, block: bytes) -> Iterator[bytes]:
        try:
            number, at = ebml.number(block)
            ours = self.track is not None and number == self._number
            yield from frames_of(block, at) if ours else (b"",)
        except ebml.Junk:
            yield b""  # a block that contradicts itself is passed over

    def _read_track(self, body: bytes) -> None:
        fields = dict(ebml.children(body))
        if self.track is None and int.from_bytes(fields.get(_TYPE, b"")) == _IS_AUDIO:
            self.track = _track(fields)
            self._number = int.from_bytes(fields.get(_NUMBER, b""))


def _track(fields: dict[int, bytes]) -> Track:
    if _ENCODINGS in fields:
        raise encrypted()
    name = fields.get(_CODEC, b"").rstrip(b"\0")
    private = fields.get(_PRIVATE, b"")
    if name in _PLAIN:
        audio = dict(ebml.children(fields.get(_AUDIO, b"")))
        bits = int.from_bytes(audio.get(_BITS, b""))
        channels = int.from_bytes(audio.get(_CHANNELS, b"\1"))
        return PlainTrack(pcm_layout(_PLAIN[name], bits, channels, _rate_of(audio)))
    codec = _CODECS.get(name) or ("aac" if name.startswith(b"A_AAC/") else None)
    if codec is None:
        raise unknown_codec(printable(name))
    return CodedTrack(codec, private[_FLAC_INFO] if codec == "flac" else private)


def _rate_of(audio: dict[int, bytes]) -> int:
    rate = ebml.floating(audio.get(_RATE, b""))
    return int(rate) if 0 <= rate < 1e9 else 0
