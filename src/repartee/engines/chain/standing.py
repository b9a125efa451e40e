"""How the engines of a chain do at the moment, and who is to be asked next. Pure: no clock.

Engines go by their place in the chain. One that has not opened yet is not there; one that rests
is asked only when there is nobody else left, because an answer is worth more than a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from repartee.engines.chain.breaker import Breaker, BreakerRules

State = Literal["working", "resting", "absent"]


class Standing:
    def __init__(self, members: int, rules: BreakerRules) -> None:
        self.breakers = tuple(Breaker(rules) for _ in range(members))
        self.there: set[int] = set()
        """Those that are open."""

    def __repr__(self) -> str:
        return f"<Standing of {len(self.breakers)}, there are {sorted(self.there)}>"

    def state(self, member: int) -> State:
        if member not in self.there:
            return "absent"
        return "working" if self.breakers[member].working else "resting"

    def next(self, among: Sequence[int], tried: Collection[int], now: float) -> int | None:
        """Who is asked next, of these and in their order; None when all were asked."""
        healthy = self.healthy(among, tried, now)
        if healthy is not None:
            return healthy
        return next((one for one in among if one in self.there and one not in tried), None)

    def healthy(self, among: Sequence[int], tried: Collection[int], now: float) -> int | None:
        """The next who may be tried and is worth breaking off another for."""
        left = (one for one in among if one in self.there and one not in tried)
        return next((one for one in left if self.breakers[one].may_be_tried(now)), None)
