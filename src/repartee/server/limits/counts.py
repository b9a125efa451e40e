"""Counting what was had within the last minute, hour or day.

What was had in the window before counts for less and less as this one goes on: two figures for
each caller are enough, and nobody gets twice the limit around the turn of a window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from repartee.calls.clock import wall_time

MOST_CALLERS = 50_000
"""Whoever has many addresses can't fill the memory: the oldest are forgotten."""


class Usage(msgspec.Struct, frozen=True):
    before: int = 0
    """Had in the window before this one."""
    now: int = 0
    """Had in this one."""
    left_s: float = 0.0
    """How long this one lasts yet."""


class Counts(Protocol):
    async def take(self, key: str, cost: int, most: int, window_s: int) -> bool:
        """Whether there was so much left; then it is taken."""

    async def usage(self, key: str, window_s: int) -> Usage: ...
    async def close(self) -> None: ...


def had(usage: Usage, window_s: int) -> float:
    return usage.before * usage.left_s / window_s + usage.now


def seconds_until(usage: Usage, cost: int, most: int, window_s: int) -> float:
    """When there will be so much left, if nothing is taken meanwhile."""
    if cost > most:
        return usage.left_s + window_s
    room = most - cost
    if usage.now <= room:
        missing = had(usage, window_s) - room
        return max(0.0, missing * window_s / usage.before) if usage.before else 0.0
    return usage.left_s + window_s * (1 - room / usage.now)


class MemoryCounts:
    """For one server alone."""

    def __init__(
        self, clock: Callable[[], float] = wall_time, most_callers: int = MOST_CALLERS
    ) -> None:
        self._clock = clock
        self._most_callers = most_callers
        self._windows: dict[str, tuple[int, int, int]] = {}
        """By key: which window it is, what was had before it, and in it."""

    def __repr__(self) -> str:
        return f"<MemoryCounts of {len(self._windows)}>"

    async def take(self, key: str, cost: int, most: int, window_s: int) -> bool:
        usage = self._look(key, window_s)
        if had(usage, window_s) + cost > most:
            return False
        number = int(self._clock() // window_s)
        if key not in self._windows and len(self._windows) >= self._most_callers:
            del self._windows[next(iter(self._windows))]
        self._windows[key] = (number, usage.before, usage.now + cost)
        return True

    async def usage(self, key: str, window_s: int) -> Usage:
        return self._look(key, window_s)

    async def close(self) -> None:
        self._windows.clear()

    def _look(self, key: str, window_s: int) -> Usage:
        number, into_it = divmod(self._clock(), window_s)
        last, before, current = self._windows.get(key, (0, 0, 0))
        if last == number - 1:
            before, current = current, 0
        elif last != number:
            before = current = 0
        return Usage(before, current, window_s - into_it)
