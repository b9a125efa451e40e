"""Sound at another rate, as a stream.

A resampler has to see a little of what follows before it can finish what it has. For live sound
that little counts: soxr's LQ setting holds back 1 to 22 ms on the rates used here (60 ms from 8
to 16 kHz), its better settings twice to forty times as much, and its rejection of aliases is as
good as theirs.
"""

from __future__ import annotations

import numpy as np
import soxr

from repartee.audio.pcm import Samples

_QUALITY = "LQ"
_NOTHING: Samples = np.zeros(0, np.int16)


class Resampler:
    """One stream of sound on its way from one rate to another."""

    __slots__ = ("_stream", "from_hz", "to_hz")

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz = from_hz
        self.to_hz = to_hz
        self._stream = (
            None
            if from_hz == to_hz
            else soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality=_QUALITY)
        )

    def __repr__(self) -> str:
        return f"<Resampler {self.from_hz} → {self.to_hz} Hz>"

    def push(self, samples: Samples) -> Samples:
        """As much as can be said by now about the sound so far."""
        if self._stream is None:
            return samples
        resampled: Samples = self._stream.resample_chunk(samples)
        return resampled

    def flush(self) -> Samples:
        """What was held back. The stream is over, and the next `push` begins another."""
        if self._stream is None:
            return _NOTHING
        rest: Samples = self._stream.resample_chunk(_NOTHING, last=True)
        self._stream.clear()
        return rest


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """A complete piece of sound at another rate."""
    stream = Resampler(from_hz, to_hz)
    return np.concatenate([stream.push(samples), stream.flush()])
