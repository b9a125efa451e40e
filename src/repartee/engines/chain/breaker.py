"""When an engine is left alone for a while, and when it is given another chance. Pure: no clock.

An engine that fails several times in a row, each soon after the one before, rests. When the rest
is over one caller's turn is the probe, and everybody else goes past it until it is known how that
went. An answer ends the rest for good; a probe that fails, or comes to nothing, is followed by
another rest, which is twice as long after a failure, up to a bound.
"""

from __future__ import annotations

import msgspec


class BreakerRules(msgspec.Struct, frozen=True):
    failures: int = 2
    """So many failures in a row, and it rests."""
    within_s: float = 60.0
    """Failures further apart than this are no row."""
    rest_s: float = 15.0
    longest_rest_s: float = 300.0


class Breaker:
    def __init__(self, rules: BreakerRules) -> None:
        self.failures = 0
        """How often it failed, since the beginning."""
        self.proven = False
        """It has done its work at least once: it can't be set up all wrong."""
        self._rules = rules
        self._failed_at: list[float] = []
        self._rest_s = rules.rest_s
        self._rests_until: float | None = None
        self._probed = False

    def __repr__(self) -> str:
        return f"<Breaker: {'working' if self.working else f'rests until {self._rests_until:g}'}>"

    @property
    def working(self) -> bool:
        """Whether it is used like any other, as far as is known."""
        return self._rests_until is None

    def rests_for(self, now: float) -> float:
        """Seconds until it is given another chance; 0 for one that may be tried."""
        return 0.0 if self._rests_until is None else max(self._rests_until - now, 0.0)

    def may_be_tried(self, now: float) -> bool:
        return self._rests_until is None or now >= self._rests_until

    def begin(self, now: float) -> None:
        """It is tried. After a rest that is the probe, and nobody else tries it beside that."""
        if self._rests_until is not None and now >= self._rests_until:
            self._rests_until = now + self._rest_s
            self._probed = True

    def answered(self) -> bool:
        """It did its work; True if it had been resting."""
        was_resting = not self.working
        self.proven = True
        self._failed_at.clear()
        self._rests_until, self._probed = None, False
        self._rest_s = self._rules.rest_s
        return was_resting

    def failed(self, now: float, *, for_good: bool = False) -> bool:
        """It did not; `for_good` if trying again soon can't help. True if a rest begins."""
        self.failures += 1
        if self.working:
            recent = [at for at in self._failed_at if now - at <= self._rules.within_s]
            self._failed_at = [*recent, now][-self._rules.failures :]
            if len(self._failed_at) < self._rules.failures and not for_good:
                return False
        elif self._probed:
            self._rest_s *= 2
        else:
            return False  # somebody who tried it before the rest learns it only now
        longest = self._rules.longest_rest_s
        self._rest_s = longest if for_good else min(self._rest_s, longest)
        self._rests_until = now + self._rest_s
        self._probed = False
        return True
