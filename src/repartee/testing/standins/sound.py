"""The sound that stand-ins make of a text: a hum, as long as the text deserves."""

from __future__ import annotations

import numpy as np

from repartee.audio.pcm import Samples

SAMPLES_PER_LETTER = 1_200
"""50 ms of it at 24 kHz."""
RATE_HZ = 24_000


def hum(text: str, speed: float = 1.0) -> Samples:
    at = np.arange(round(len(text) * SAMPLES_PER_LETTER / speed))
    tone: Samples = np.rint(3_000 * np.sin(at * 2 * np.pi * 220 / RATE_HZ)).astype(np.int16)
    return tone
