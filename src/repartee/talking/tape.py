"""A recording in the place of the microphone, and another of all that is heard.

Both run by the same clock, which is the recording's own: with every step a frame of it is spoken
and as much sound of the replies is heard, and the two are mixed. After the recording comes silence,
as from a microphone that is still open.
"""

from __future__ import annotations

import numpy as np

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.resample import resampled
from repartee.audio.wav import wav_bytes
from repartee.talking.playout import Playout
from repartee.talking.wire import LISTENING_RATE_HZ

FRAME_SECONDS = 0.02
_FRAME = round(LISTENING_RATE_HZ * FRAME_SECONDS)
_HEARD_FRAME = round(SPEAKING_RATE_HZ * FRAME_SECONDS)
_LOUDEST = np.iinfo(np.int16)


class Tape:
    def __init__(self, recording: Samples, playout: Playout) -> None:
        """`recording` has the rate of listening."""
        self._speech = recording
        self._mixed_speech = resampled(recording, LISTENING_RATE_HZ, SPEAKING_RATE_HZ)
        self._playout = playout
        self._mixed: list[Samples] = []

    @property
    def over(self) -> bool:
        """All of the recording has been spoken."""
        return len(self._mixed) * _FRAME >= len(self._speech)

    def step(self) -> Samples:
        """The next frame for the server to hear."""
        at = len(self._mixed)
        heard = self._playout.take(_HEARD_FRAME)
        self._mixed.append(mixed(_frame(self._mixed_speech, at, _HEARD_FRAME), heard))
        return _frame(self._speech, at, _FRAME)

    def wav(self) -> bytes:
        """Both sides, as they were heard."""
        nothing = np.zeros(0, np.int16)
        return wav_bytes(np.concatenate([nothing, *self._mixed]), SPEAKING_RATE_HZ)


def mixed(one: Samples, other: Samples) -> Samples:
    """Two sounds of the same length at once; what gets too loud is clipped."""
    both = one.astype(np.int32) + other
    return both.clip(_LOUDEST.min, _LOUDEST.max).astype(np.int16)


def _frame(sound: Samples, number: int, length: int) -> Samples:
    frame = sound[number * length : (number + 1) * length]
    return np.concatenate([frame, np.zeros(length - len(frame), np.int16)])
