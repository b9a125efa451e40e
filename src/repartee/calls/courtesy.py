"""Letting live calls go first: whoever is on the line waits for every moment that others take."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from repartee.calls.clock import now

_MOST_SECONDS = 2.0
"""So long a job lets others be answered before it begins. If there is no end to that, jobs are
let in for as long, before it is their turn to wait again."""
_A_MOMENT = 0.02


class Courtesy:
    def __init__(self, calls_in_haste: Callable[[], bool] = lambda: False) -> None:
        """`calls_in_haste`: whether live calls need the whole machine just now."""
        self._calls_in_haste = calls_in_haste
        self._again_at = 0.0

    def __repr__(self) -> str:
        return f"<Courtesy {'asked for' if self.is_asked_for else 'not needed'}>"

    @property
    def is_asked_for(self) -> bool:
        return now() >= self._again_at and self._calls_in_haste()

    async def give_way(self) -> None:
        """Let calls go first where that is the question, but not for ever."""
        if now() < self._again_at:
            return
        with anyio.move_on_after(_MOST_SECONDS) as patience:
            while self._calls_in_haste():
                await anyio.sleep(_A_MOMENT)
        if patience.cancelled_caught:
            self._again_at = now() + _MOST_SECONDS
