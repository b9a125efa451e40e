"""Those whom the door turned away: how many from where, and when it is enough.

Whoever guesses keys is made to wait, and a right one is then not told from others. Who shows none
guesses nothing, and is kept apart: a page that asks before it has a key locks nobody out who has
one. Nor does a guesser lock out those behind the same address whose keys opened from there lately.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
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
"""Within a minute. Where there are more, one of them is no news either."""
_PROVEN_FOR_SECONDS = 3_600
_MOST_PROVEN = 10_000
"""Pairs of a key and an address; the one that opened longest ago is forgotten."""


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
        """By address, in this minute and since the log was told."""
        self._minute_began_at = 0.0
        self._is_told = False
        self._proven: dict[tuple[str, str], float] = {}
        """When a key opened from an address, those that did last at the end."""

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

    def came_in(self, key_id: str, scope: Scope) -> None:
        """With a key, from here."""
        address = address_of(scope)
        if not (address and self._most["wrong"]):
            return
        self._proven.pop((key_id, address), None)
        if len(self._proven) >= _MOST_PROVEN:
            del self._proven[next(iter(self._proven))]
        self._proven[key_id, address] = self._clock()

    def is_proven(self, key_id: str, scope: Scope) -> bool:
        """Whether it opened from here within the last hour."""
        opened_at = self._proven.get((key_id, address_of(scope)))
        return opened_at is not None and self._clock() - opened_at < _PROVEN_FOR_SECONDS

    def _remember(self, address: str) -> None:
        """One line a minute at most, about whoever is at it most."""
        since = self._clock() - self._minute_began_at
        if since >= _MINUTE:
            self._is_told = since < 2 * _MINUTE and self._tell()  # what came after its line
            self._wrong.clear()
            self._minute_began_at = self._clock()
        if address in self._wrong or len(self._wrong) < _MOST_ADDRESSES:
            self._wrong[address] += 1
        self._is_told = self._is_told or self._tell()

    def _tell(self) -> bool:
        """Whether there was anything that is worth a line."""
        worst, of_it = max(self._wrong.items(), key=itemgetter(1), default=("", 0))
        if of_it < _WORTH_A_LINE:
            return False
        log.warning(
            "Keys that are not known here were shown %d times, %d of them from %s.",
            self._wrong.total(),
            of_it,
            worst,
        )
        self._wrong.clear()
        return True


def refusals(settings: Settings) -> Refusals:
    if not settings.counts_callers:
        return Refusals()
    return Refusals(settings.limit_refused_keys_per_minute, settings.limit_requests_per_minute)
