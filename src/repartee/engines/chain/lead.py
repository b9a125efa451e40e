"""How far the sound that was given out is ahead of whoever hears it. Pure: no clock.

A voice that falls silent is left when its sound is about to run out: early enough for another to
go on before anybody hears a gap, and not earlier, for a voice that only just keeps up is well.
"""

from __future__ import annotations

HANDOVER_S = 0.1
"""What the next voice takes to begin."""
SHORTEST_S = 0.25
"""So long any voice may take between two pieces. At the beginning of a phrase there is hardly a
lead, and sound comes in bursts."""


class Lead:
    def __init__(self) -> None:
        self._lasts_until = 0.0

    def __repr__(self) -> str:
        return f"<Lead until {self._lasts_until:g}>"

    def give(self, seconds: float, now: float) -> None:
        """So much sound is given out, to be heard after what was given before."""
        self._lasts_until = max(self._lasts_until, now) + seconds

    def patience(self, now: float) -> float:
        """How many seconds the next piece may take."""
        return max(self._lasts_until - HANDOVER_S - now, SHORTEST_S)
