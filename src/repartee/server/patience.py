"""Gives up on whoever takes nothing for too long, at the cost of one timer now and then.

A time-out around every frame would cost more than sending it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Patience:
    def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._waiting_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._look_again_in(self._seconds)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def begin(self) -> None:
        """From now on somebody is waited for."""
        self._waiting_since = self._loop.time()

    def end(self) -> None:
        self._waiting_since = None

    def _look_again_in(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        since = self._waiting_since
        left = self._seconds
        if since is not None:
            left -= self._loop.time() - since
        if left <= 0:
            self._give_up()
        else:
            self._look_again_in(left)
