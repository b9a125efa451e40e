"""The log-mel picture of sound that Whisper's encoder and its relatives look at."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from repartee.engines.protocols import LISTENING_RATE_HZ

Floats = npt.NDArray[np.float32]

BANDS = 80
STEP = 160
_WINDOW = 400
_QUIETEST = 1e-10
_DEPTH = 8.0
"""Powers of ten below the loudest: what is quieter is drawn as if it were no quieter."""


def log_mel(sound: Floats) -> Floats:
    """One column per 10 ms, one row per band, values around 0."""
    edges = np.pad(sound, _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(edges, _WINDOW)[::STEP][:-1]
    power = np.square(np.abs(np.fft.rfft(frames * _hann(), axis=1))).astype(np.float32)
    level = np.log10(np.maximum(_filters() @ power.T, _QUIETEST))
    shown: Floats = (np.maximum(level, level.max() - _DEPTH) + 4.0) / 4.0
    return shown.astype(np.float32)


@cache
def _hann() -> Floats:
    window: Floats = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    return window


@cache
def _filters() -> Floats:
    """Triangles of equal area, evenly spread over the scale on which pitches are."""
    corners = _hz(np.linspace(0.0, _mel(LISTENING_RATE_HZ / 2), BANDS + 2))
    bins = np.fft.rfftfreq(_WINDOW, 1 / LISTENING_RATE_HZ)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (high - low)
    return triangles.astype(np.float32)


# Slaney's scale: straight up to 1 kHz, logarithmic above.
_KNEE_HZ, _KNEE_MEL = 1_000.0, 15.0
_HZ_PER_MEL = _KNEE_HZ / _KNEE_MEL
_LOG_STEP = math.log(6.4) / 27.0


def _mel(hz: float) -> float:
    return _KNEE_MEL + math.log(hz / _KNEE_HZ) / _LOG_STEP


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _KNEE_HZ * np.exp(_LOG_STEP * (mel - _KNEE_MEL))
    return np.where(mel < _KNEE_MEL, mel * _HZ_PER_MEL, above)
