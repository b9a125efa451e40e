"""What waits to be heard, in order, and how much of it has been.

It is filled by the call and emptied by the loudspeaker's own thread, a few milliseconds at a time;
a lock keeps the two apart for a moment each. Everything in it is mono at `SPEAKING_RATE_HZ`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock

import msgspec
import numpy as np

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples

_MOST_SAMPLES = 600 * SPEAKING_RATE_HZ
"""Ten minutes: no reply is so long, and a server gone wild must not fill the memory."""


class Phrase(msgspec.Struct, frozen=True):
    """Words of a reply of which the first sound has been heard."""

    reply: int
    text: str


class Heard(msgspec.Struct, frozen=True):
    """How much of a reply has been heard; reply 0 is none."""

    reply: int = 0
    ms: int = 0


class _Piece(msgspec.Struct):
    reply: int
    samples: Samples
    phrase: str


class Playout:
    def __init__(self) -> None:
        self._lock = Lock()
        self._pieces: deque[_Piece] = deque()
        self._waiting = 0
        self._reply = 0
        self._heard = 0
        self._begun: list[Phrase] = []

    def __repr__(self) -> str:
        return f"<Playout: reply {self._reply}, {self._waiting} samples wait>"

    @property
    def busy(self) -> bool:
        return self._waiting > 0

    def add(self, reply: int, samples: Samples, phrase: str = "") -> None:
        with self._lock:
            if len(samples) and self._waiting + len(samples) <= _MOST_SAMPLES:
                self._pieces.append(_Piece(reply, samples, phrase))
                self._waiting += len(samples)

    def take(self, count: int) -> Samples:
        """The next samples to be heard; where there are none there is silence."""
        sound = np.zeros(count, np.int16)
        with self._lock:
            filled = 0
            while filled < count and self._pieces:
                filled += self._fill(sound[filled:], self._pieces[0])
        return sound

    def hush(self) -> None:
        """What has not been heard by now never will be."""
        with self._lock:
            self._pieces.clear()
            self._waiting = 0

    def heard(self, late_ms: float = 0.0) -> Heard:
        """Of the reply that was heard last; `late_ms` is how long the device holds sound back."""
        with self._lock:
            late = late_ms if self._waiting else 0.0
            ms = self._heard * 1000 / SPEAKING_RATE_HZ - late
            return Heard(self._reply, max(0, round(ms)))

    def begun(self) -> Sequence[Phrase]:
        """The phrases that have begun to be heard since this was asked last."""
        with self._lock:
            begun, self._begun = self._begun, []
        return begun

    def forget(self) -> None:
        """The replies are counted anew."""
        with self._lock:
            self._pieces.clear()
            self._begun.clear()
            self._waiting = self._reply = self._heard = 0

    def _fill(self, sound: Samples, piece: _Piece) -> int:
        """Move as much of this piece as there is room for."""
        if piece.reply != self._reply:
            self._reply, self._heard = piece.reply, 0
        if piece.phrase:
            self._begun.append(Phrase(piece.reply, piece.phrase))
            piece.phrase = ""
        count = min(len(sound), len(piece.samples))
        sound[:count] = piece.samples[:count]
        piece.samples = piece.samples[count:]
        if not len(piece.samples):
            self._pieces.popleft()
        self._waiting -= count
        self._heard += count
        return count
