"""How slow and how fast an engine can speak; what is wished beyond that, it speaks at its limit."""

from __future__ import annotations

from math import inf

import msgspec

from repartee.engines.protocols import Synthesizer


class Speeds(msgspec.Struct, frozen=True):
    slowest: float = 0.0
    fastest: float = inf

    def nearest(self, wished: float) -> float:
        return min(max(wished, self.slowest), self.fastest)


def speeds_of(engine: Synthesizer) -> Speeds:
    """What an engine tells as its `speeds`; of one that tells nothing every speed is another."""
    told: Speeds = getattr(engine, "speeds", Speeds())
    return told
