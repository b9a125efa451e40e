"""How loud sound is, and making it louder or softer without a click.

Levels are decibels below full scale (dBFS): 0 is the loudest a sample can be.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from repartee.audio.pcm import FULL_SCALE, Samples

SILENCE_DBFS = -96.0
"""What silence is said to measure, just below the faintest sound that 16 bits can hold."""


def rms_dbfs(samples: Samples) -> float:
    """The level of this sound as a whole."""
    if not len(samples):
        return SILENCE_DBFS
    values = samples.astype(np.float32)
    return _dbfs(math.sqrt(float(np.dot(values, values)) / len(values)))


def peak_dbfs(samples: Samples) -> float:
    """The level of its loudest sample."""
    if not len(samples):
        return SILENCE_DBFS
    # The most negative sample has no positive counterpart among 16 bits: negate it as an int.
    return _dbfs(max(int(samples.max()), -int(samples.min())))


def _dbfs(amplitude: float) -> float:
    if amplitude <= 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 20 * math.log10(amplitude / FULL_SCALE))


class Gain:
    """A volume knob on one stream of sound.

    Turning it takes a few milliseconds of the sound that follows, because a sudden step in
    loudness is heard as a click. It may be turned again while it is still on its way.
    """

    __slots__ = ("_goal", "_left", "_level", "_ramp_samples", "_step")

    def __init__(self, rate_hz: int, *, ramp_ms: int = 20, level: float = 1.0) -> None:
        self._ramp_samples = max(1, rate_hz * ramp_ms // 1000)
        self._level = self._goal = level
        self._step = 0.0
        self._left = 0

    def __repr__(self) -> str:
        return f"<Gain {self._level:.2f} → {self._goal:.2f}>"

    @property
    def level(self) -> float:
        """By how much the latest sample was multiplied."""
        return self._level

    def ramp_to(self, level: float) -> None:
        self._goal = level
        self._left = self._ramp_samples
        self._step = (level - self._level) / self._ramp_samples

    def apply(self, samples: Samples) -> Samples:
        if not self._left and self._level == 1.0:
            return samples
        louder: npt.NDArray[np.float32] = samples.astype(np.float32)
        louder *= self._factors(len(samples))
        np.rint(louder, out=louder)
        return np.clip(louder, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

    def _factors(self, count: int) -> npt.NDArray[np.float32]:
        """One factor for each of the next samples: the rest of the ramp, then its goal."""
        factors = np.full(count, self._goal, np.float32)
        moving = min(count, self._left)
        factors[:moving] = self._level + self._step * np.arange(1, moving + 1)
        self._left -= moving
        self._level = self._level + self._step * moving if self._left else self._goal
        return factors
