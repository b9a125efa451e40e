"""Lines to the server: how many there are, in all and from one address.

A line costs memory and a file handle before anything was said on it, so it is counted when it
comes about. Where there is no room for another one, whoever has been silent longest makes room, and
those that never said anything before the others: with nothing but silence nobody keeps others out.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Literal, Protocol

from repartee.calls.clock import now
from repartee.calls.refusals import LimitReached, TryLater
from repartee.server.limits.payers import household_of
from repartee.settings import Settings

log = logging.getLogger(__name__)

Refused = Literal["all", "address"]
"""Which limit it was: that of all lines, or that of one address."""

_FOR_EACH_CALL, _AT_LEAST = 8, 200
"""A page opens up to six lines beside its call."""
_BACK_AFTER_SECONDS = 5
_TELL_EVERY_SECONDS = 60
_MOST_LEAVING = 100
"""Lines that are told why they were not let in, which takes a second."""


class Line(Protocol):
    def abort(self) -> None: ...


class Connections:
    def __init__(
        self,
        most: int,
        most_of_one: int = 0,
        proxies: Sequence[str] = (),
        clock: Callable[[], float] = now,
    ) -> None:
        """`proxies` may have as many as they like, for they speak for many; `most_of_one` may be
        0, which is no limit."""
        self.most = most
        self.refused: Counter[Refused] = Counter()
        """Since the server started; those who made room are among them."""
        self._most_of_one = most_of_one
        self._is_proxy = _one_of(proxies)
        self._clock = clock
        self._lines: dict[Line, str] = {}
        """And whose they are."""
        self._of: Counter[str] = Counter()
        self._silent: dict[Line, None] = {}
        """Those that owe their first request, the longest silent one first."""
        self._resting: dict[Line, None] = {}
        """Those that were answered, and nothing came since."""
        self._leaving: set[Line] = set()
        self._untold = 0
        self._told_at = -float(_TELL_EVERY_SECONDS)

    def __repr__(self) -> str:
        return f"<Connections {len(self)} of {self.most}, {self._silent_ones} silent>"

    def __len__(self) -> int:
        return len(self._lines)

    def let_in(self, line: Line, address: str) -> None:
        """`TryLater` where there is no room for it."""
        whose = household_of(address)
        if self._has_enough(whose):
            self._refuse("address", whose)
            said = f"The limit of {self._most_of_one} connections from one address is reached."
            raise LimitReached(said, _BACK_AFTER_SECONDS)
        if len(self._lines) >= self.most:
            self._refuse("all", whose)
            longest = next(iter(self._silent or self._resting), None)
            if longest is None:
                raise TryLater("The server has all the connections it takes.", _BACK_AFTER_SECONDS)
            self.gone(longest)
            longest.abort()
        self._lines[line] = whose
        self._of[whose] += 1

    def see_out(self, line: Line) -> bool:
        """Whether there is time for one that was not let in to be told so."""
        if len(self._leaving) >= _MOST_LEAVING:
            return False
        self._leaving.add(line)
        return True

    def owes(self, line: Line, was_answered: bool = False) -> None:
        """Nothing is done for this line; it is its turn to say something."""
        if line in self._lines:
            (self._resting if was_answered else self._silent)[line] = None

    def has_said(self, line: Line) -> None:
        """It said what it owed."""
        self._silent.pop(line, None)
        self._resting.pop(line, None)

    def gone(self, line: Line) -> None:
        """It may be told more than once."""
        self.has_said(line)
        self._leaving.discard(line)
        whose = self._lines.pop(line, None)
        if whose is None:
            return
        self._of[whose] -= 1
        if not self._of[whose]:
            del self._of[whose]

    @property
    def _silent_ones(self) -> int:
        return len(self._silent) + len(self._resting)

    def _has_enough(self, whose: str) -> bool:
        if not (whose and self._most_of_one) or self._of[whose] < self._most_of_one:
            return False
        return not self._is_proxy(whose)

    def _refuse(self, why: Refused, whose: str) -> None:
        """One line of the log a minute at most."""
        self.refused[why] += 1
        self._untold += 1
        if self._clock() - self._told_at < _TELL_EVERY_SECONDS:
            return
        log.warning(
            "There are too many connections (%d, %d of them silent): %d were refused or ended, the "
            "last because of %s.",
            len(self._lines),
            self._silent_ones,
            self._untold,
            whose,
        )
        self._untold, self._told_at = 0, self._clock()


def _one_of(proxies: Sequence[str]) -> Callable[[str], bool]:
    if "*" in proxies:
        return lambda address: True
    networks = [ip_network(proxy) for proxy in proxies]

    @lru_cache(maxsize=1_024)
    def known(address: str) -> bool:
        try:
            figures = ip_address(address)
        except ValueError:
            return False
        return any(figures in network for network in networks)

    return known


def connections(settings: Settings) -> Connections:
    return Connections(
        settings.max_connections or max(_FOR_EACH_CALL * settings.max_calls, _AT_LEAST),
        settings.limit_connections if settings.counts_callers else 0,
        settings.trusted_proxies,
    )
