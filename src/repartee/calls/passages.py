"""A long recording in passages that a recogniser hears as single turns.

Each is cut off where the last third of it is quietest, which is hardly ever inside a word.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples

LONGEST = 30 * LISTENING_RATE_HZ
_SHORTEST = 20 * LISTENING_RATE_HZ
_STEP = LISTENING_RATE_HZ // 50
_QUIET_STEPS = 10
"""A quiet moment lasts 200 ms, as pauses between words do."""


def passages(samples: Samples) -> Iterator[Samples]:
    """All of the sound, in order; nothing for no sound."""
    while len(samples) > LONGEST:
        cut = _SHORTEST + _quietest(samples[_SHORTEST:LONGEST])
        yield samples[:cut]
        samples = samples[cut:]
    if len(samples):
        yield samples


def _quietest(samples: Samples) -> int:
    """The middle of the quietest moment."""
    steps = samples[: len(samples) // _STEP * _STEP].astype(np.float32).reshape(-1, _STEP)
    power = np.square(steps).mean(axis=1)
    moments = np.convolve(power, np.ones(_QUIET_STEPS, np.float32), "valid")
    return (int(moments.argmin()) + _QUIET_STEPS // 2) * _STEP
