"""What a player that is not ours makes of the sound that a client was sent."""

from __future__ import annotations

import base64
import io
from typing import NamedTuple

import av
import numpy as np

AUDIBLE = 0.01
"""A crest of one hundredth of full scale: a quiet voice."""


class Played(NamedTuple):
    rate_hz: int
    channels: int
    seconds: float
    crest: float

    @property
    def is_audible(self) -> bool:
        return self.crest > AUDIBLE


def played(file: bytes) -> Played:
    """A whole file, decoded alone, as `decodeAudioData` decodes each that it is given."""
    with av.open(io.BytesIO(file), "r") as container:
        (stream,) = container.streams.audio
        to_floats = av.AudioResampler("flt", "mono", stream.rate)
        frames = [
            floats.to_ndarray()[0]
            for frame in container.decode(stream)
            for floats in to_floats.resample(frame)
        ]
    samples = np.concatenate(frames)
    return Played(
        stream.rate, stream.channels, len(samples) / stream.rate, float(np.abs(samples).max())
    )


def played_base64(text: str) -> Played:
    return played(from_base64(text))


def from_base64(text: str) -> bytes:
    """As browsers' `atob` takes it, which forgives nothing."""
    return base64.b64decode(text, validate=True)


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()
