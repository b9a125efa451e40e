"""The parts of a WAV file, told apart while it arrives.

Sizes in it may lie, so nothing is set aside that the bytes at hand don't justify.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from repartee.audio.containers.incoming import Incoming
from repartee.audio.containers.tracks import PlainTrack
from repartee.audio.layout import PcmLayout, pcm_layout
from repartee.errors import BadAudio

UNKNOWN_SIZE = 0xFFFF_FFFF
"""Stands where the length of a stream can't be known."""

_MOST_CHUNKS = 1_000
_MOST_FORMAT_BYTES = 4_096
_PACKET_FRAMES = 4_096
_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_EXTENSIBLE = 0xFFFE
_SUBFORMAT_AT = 24


def is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


class RiffDemuxer:
    def __init__(self) -> None:
        self.track: PlainTrack | None = None
        self.ended = False
        self._incoming = Incoming()
        self._whole: int | None = None
        self._chunks = 0
        self._left: int | None = None
        """Bytes of sound that are still to come; None: the sound has not begun."""

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._incoming.add(piece)
        if self._whole is None:
            if len(self._incoming) < _RIFF.size:
                return
            _, self._whole, _ = _RIFF.unpack(self._incoming.take(_RIFF.size))
        while self._left is None and not self.ended and self._read_chunk():
            pass
        if self._left is not None and self.track is not None:
            yield from self._sound(self.track.layout, self._left)

    def finish(self) -> Iterator[bytes]:
        if self._left is None:
            missing = "a format" if self.track is None else "sound"
            raise BadAudio(f"The WAV file has no part with {missing} in it. Please export it anew.")
        return iter(())

    def _read_chunk(self) -> bool:
        """Read one part, or pass over it; False: there is not enough of it yet."""
        if len(self._incoming) < _CHUNK.size:
            return False
        if self._chunks == _MOST_CHUNKS:
            raise BadAudio("The WAV file has parts without end. Please export it anew.")
        name, size = _CHUNK.unpack(self._incoming.peek(_CHUNK.size))
        needed = min(size, _MOST_FORMAT_BYTES) if name == b"fmt " else 0
        if len(self._incoming) < _CHUNK.size + needed:
            return False
        at = self._incoming.position
        self._chunks += 1
        self._incoming.skip(_CHUNK.size)
        if name == b"data":
            self._begin_sound(size, at)
            return True
        if name == b"fmt ":
            self.track = PlainTrack(_layout(self._incoming.peek(needed)))
        self._incoming.skip(size + size % 2)
        return True

    def _begin_sound(self, size: int, at: int) -> None:
        if self.track is None:
            raise BadAudio("The WAV file has its sound before its format. Please export it anew.")
        # Who streams a file can't know its length: 0 stands there, and in the file's own size.
        unknown = size == 0 and self._whole is not None and self._whole <= at
        self._left = UNKNOWN_SIZE if unknown else size

    def _sound(self, layout: PcmLayout, left: int) -> Iterator[bytes]:
        most = layout.frame_bytes * _PACKET_FRAMES
        while count := _whole(min(most, left, len(self._incoming)), layout.frame_bytes):
            left -= count
            self._left = left
            yield self._incoming.take(count)
        self.ended = left < layout.frame_bytes


def _whole(count: int, frame_bytes: int) -> int:
    return count - count % frame_bytes


def _layout(body: bytes) -> PcmLayout:
    if len(body) < _FORMAT.size:
        raise BadAudio("The WAV file's format part is cut short. Please export it anew.")
    code, channels, rate_hz, _, frame_bytes, bits = _FORMAT.unpack_from(body)
    if code == _EXTENSIBLE and len(body) >= _SUBFORMAT_AT + 2:
        (code,) = struct.unpack_from("<H", body, _SUBFORMAT_AT)
    layout = pcm_layout(code, bits, channels, rate_hz)
    if frame_bytes != layout.frame_bytes:
        raise BadAudio("The WAV file's format contradicts itself. Please export it anew.")
    return layout
