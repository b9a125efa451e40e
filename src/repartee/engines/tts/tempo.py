"""Speech at another speed and the same pitch, for services that know one speed only.

Short overlapping frames are taken from the sound at one pace and laid down at another. Each is
moved a little, to where it continues the one before it best, so that no period of the voice is
cut in two.
"""

from __future__ import annotations

import numpy as np

from repartee.audio.pcm import FULL_SCALE, Samples

_FRAME_SECONDS = 0.04
_SEARCH_SECONDS = 0.01


def at_speed(samples: Samples, rate_hz: int, speed: float) -> Samples:
    """The same words in 1/`speed` of the time."""
    step = round(_FRAME_SECONDS * rate_hz / 2)
    search = round(_SEARCH_SECONDS * rate_hz)
    if speed == 1 or len(samples) <= 4 * step:
        return samples
    padded = np.pad(samples.astype(np.float32), (search, 2 * step + 2 * search))
    frames = max(1, round(len(samples) / speed / step) - 1)
    window = np.hanning(2 * step + 1)[:-1].astype(np.float32)
    made = np.zeros((frames + 1) * step, np.float32)
    at = search
    for number in range(frames):
        if number:
            due = min(round(number * step * speed), len(samples)) + search
            at = _continuation(padded, at + step, due, search, step)
        made[number * step : (number + 2) * step] += padded[at : at + 2 * step] * window
    made[:step] += padded[search : search + step] * (1 - window[:step])
    return np.clip(np.rint(made), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def _continuation(
    sound: np.ndarray[tuple[int], np.dtype[np.float32]],
    follows: int,
    due: int,
    search: int,
    length: int,
) -> int:
    """Where, around the place that is due, the sound is most like what follows the last frame."""
    wanted = sound[follows : follows + length]
    around = sound[due - search : due + search + length]
    likeness = np.correlate(around, wanted, "valid")
    energy = np.convolve(around**2, np.ones(length, np.float32), "valid")
    return due - search + int(np.argmax(likeness / np.sqrt(energy + 1)))
