"""What a broker counts: how many requests, how many of them failed, how many are under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from repartee.calls.clock import now


class Figures:
    def __init__(self, clock: Callable[[], float] = now) -> None:
        self._clock = clock
        self._started_at = clock()
        self._requests = self._failed = self._under_way = 0
        self._busy_seconds = 0.0

    def __repr__(self) -> str:
        return f"<Figures: {self._requests} requests, {self._failed} failed>"

    @contextmanager
    def request(self) -> Iterator[None]:
        """One piece of work, from its beginning to its end."""
        began = self._clock()
        self._requests += 1
        self._under_way += 1
        try:
            yield
        except BaseException:
            self._failed += 1
            raise
        finally:
            self._under_way -= 1
            self._busy_seconds += self._clock() - began

    def told(self) -> dict[str, Any]:
        done = self._requests - self._under_way
        return {
            "uptime_seconds": round(self._clock() - self._started_at, 1),
            "requests": self._requests,
            "failed": self._failed,
            "in_progress": self._under_way,
            "average_seconds": round(self._busy_seconds / done, 3) if done else None,
        }
