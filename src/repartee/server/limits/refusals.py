"""Those whom the door turned away: how many from where, and when it is enough.

Whoever guesses keys is made to wait before the next one is even looked at. Who shows none guesses
nothing, and is kept apart: a page that asks before it has a key locks nobody out who has one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Literal

from starlette.types import Scope

from repartee.calls.clock import wall_time
from repartee.calls.refusals import LimitReached
from repartee.server.limits.counts import MemoryCounts, seconds_until
from repartee.server.limits.payers import address_of
from repartee.settings import Settings

log = logging.getLogger(__name__)

Shown = Literal["wrong", "nothing"]
"""What was shown at the door: a key that is none, or no key at all."""

_MINUTE = 60
_WORTH_A_LINE = 5
"""Somebody who mistypes a key is no news."""
_MOST_ADDRESSES = 1_000
"""Between two lines of the log. Where there are more, one of them is no news either."""


class Refusals:
    def __init__(
        self,
        wrong_per_minute: int = 0,
        nothing_per_minute: int = 0,
        clock: Callable[[], float] = wall_time,
    ) -> None:
        """How much one address may try; 0 is no limit."""
        self.counted: Counter[Shown] = Counter()
        """Since the server started."""
        self.turned_away = 0
        """How often somebody was told to wait."""
        self._said: dict[Shown, str] = {
            "wrong": f"{wrong_per_minute:,} unknown keys per minute",
            "nothing": f"{nothing_per_minute:,} requests without a key per minute",
        }
        self._most: dict[Shown, int] = {"wrong": wrong_per_minute, "nothing": nothing_per_minute}
        # In memory wherever else is counted: to look must cost nothing to those who have a key.
        self._counts = MemoryCounts(clock)
        self._clock = clock
        self._wrong: Counter[str] = Counter()
        """By address, since the log was told."""
        self._told_at = 0.0

    def __repr__(self) -> str:
        return f"<Refusals {dict(self.counted)}>"

    async def check(self, shown: Shown, scope: Scope) -> None:
        """`LimitReached` where this address has to wait. Nothing is counted."""
        address, most = address_of(scope), self._most[shown]
        if not address or not most:
            return
        usage = await self._counts.usage(f"{shown} {address}", _MINUTE)
        wait_s = seconds_until(usage, 1, most, _MINUTE)
        if wait_s <= 0:
            return
        self.turned_away += 1
        if shown == "wrong":
            self._remember(address)
        raise LimitReached(f"The limit of {self._said[shown]} is reached.", wait_s)

    async def count(self, shown: Shown, scope: Scope) -> None:
        """That this was refused."""
        self.counted[shown] += 1
        address, most = address_of(scope), self._most[shown]
        if not address:
            return
        if most:
            await self._counts.take(f"{shown} {address}", 1, most, _MINUTE)
        if shown == "wrong":
            self._remember(address)

    def _remember(self, address: str) -> None:
        """One line a minute at most, about whoever is at it most."""
        if address in self._wrong or len(self._wrong) < _MOST_ADDRESSES:
            self._wrong[address] += 1
        now = self._clock()
        if self._wrong[address] < _WORTH_A_LINE or now - self._told_at < _MINUTE:
            return
        ((worst, of_it),) = self._wrong.most_common(1)
        log.warning(
            "Keys that are not known here were shown %d times, %d of them from %s.",
            self._wrong.total(),
            of_it,
            worst,
        )
        self._wrong.clear()
        self._told_at = now


def refusals(settings: Settings) -> Refusals:
    if not settings.counts_callers:
        return Refusals()
    return Refusals(settings.limit_refused_keys_per_minute, settings.limit_requests_per_minute)
