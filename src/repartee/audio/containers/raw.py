"""Raw PCM that was declared: a container that is none."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.audio.containers.incoming import Incoming
from repartee.audio.containers.tracks import PlainTrack
from repartee.audio.layout import PcmLayout

_PACKET_FRAMES = 4_096


class RawDemuxer:
    def __init__(self, layout: PcmLayout) -> None:
        self.track = PlainTrack(layout)
        self.ended = False
        self._incoming = Incoming()

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._incoming.add(piece)
        frame = self.track.layout.frame_bytes
        while whole := min(len(self._incoming) // frame, _PACKET_FRAMES):
            yield self._incoming.take(whole * frame)

    def finish(self) -> Iterator[bytes]:
        return iter(())
