"""Which windows are worth the detector's while.

A network that tells speech from noise costs the same for every window, and most of a call is
the silence of somebody who listens. Once the network has called everything no speech for a
while, two kinds of window need it no longer: those below the floor of hearing, and those of the
noise it has come to know. That noise is still looked at now and then, and at once when it grows
louder. While somebody speaks, every window passes: a word has silences of its own.
"""

from __future__ import annotations

FLOOR_DBFS = -62.0
CALM_PROBABILITY = 0.1
"""What the network gives for sound that is surely no speech."""
CALM_WINDOWS = 12
"""So many in a row, about 400 ms, and the stream is calm."""
LOOK_EVERY = 5
LOUDER = 1.5
"""How far above the familiar power (1.5 is 1.8 dB) a window must be to be worth a look."""
_SHARE = 1 / 8
_MOST = 2.0


class Gate:
    """The gate of one stream: ask `passes`, and tell it what the network `judged`."""

    __slots__ = ("_calm", "_familiar", "_floor", "_skipped")

    def __init__(self, floor_dbfs: float = FLOOR_DBFS) -> None:
        self._floor = 10.0 ** (floor_dbfs / 10.0)
        self._familiar = 0.0
        self._calm = CALM_WINDOWS
        self._skipped = 0

    def passes(self, power: float) -> bool:
        """Whether a window of this mean square (of samples in -1..1) goes to the network."""
        if self._calm < CALM_WINDOWS:
            return True
        if power < self._floor:
            return False
        if power <= self._familiar * LOUDER and self._skipped < LOOK_EVERY - 1:
            self._skipped += 1
            return False
        self._skipped = 0
        return True

    def judged(self, probability: float, power: float) -> None:
        """Take in what the network said of a window that passed."""
        if probability >= CALM_PROBABILITY:
            self._calm = 0
            return
        if self._calm == 0 or self._familiar == 0.0:
            self._familiar = power
        # One knock must not make loud sounds familiar, so no window counts for much.
        self._familiar += (min(power, self._familiar * _MOST) - self._familiar) * _SHARE
        self._calm += 1
