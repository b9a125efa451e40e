"""A recording pushed into a demuxer in equal pieces."""

from __future__ import annotations

from repartee.audio.containers.tracks import Demuxer


def packets_of(demuxer: Demuxer, data: bytes, step: int | None = None) -> list[bytes]:
    """Every packet with sound in it; without a step, the recording comes in one piece."""
    step = step or max(1, len(data))
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    found = [packet for piece in pieces for packet in demuxer.push(piece)]
    return [packet for packet in [*found, *demuxer.finish()] if packet]
