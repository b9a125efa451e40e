"""What ends a call that nobody ends: silence, length, the limit of who calls, and a newer line."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.refusals import LimitReached, lasting
from repartee.server.farewells import GOES_ON_ELSEWHERE, NORMAL, TRY_AGAIN_LATER, Ending
from repartee.server.limits.allowances import Limits
from repartee.store.keeper import Keeper

_COUNT_EVERY_SECONDS = 5.0
_AGAIN = "Connect again any time."


async def until_idle(quiet_since: Callable[[], float], seconds: float) -> Ending:
    """Nought is never."""
    if not seconds:
        await anyio.sleep_forever()
    while (left := quiet_since() + seconds - now()) > 0:
        await anyio.sleep(left)
    sentence = f"Nothing was said for {lasting(round(seconds))}, so the call has ended. {_AGAIN}"
    return Ending(NORMAL, sentence, "idle")


async def until_too_long(minutes: float) -> Ending:
    """Nought is never."""
    if not minutes:
        await anyio.sleep_forever()
    await anyio.sleep(minutes * 60)
    longest = lasting(round(minutes * 60))
    return Ending(NORMAL, f"A call may last {longest}, and this one has. {_AGAIN}", "too_long")


async def until_elsewhere(keeper: Keeper, session_id: str) -> Ending:
    await keeper.until_elsewhere(session_id)
    return GOES_ON_ELSEWHERE


class SpeechCounter:
    """Counts what is said on a line: how long it is, now and then and not for each frame; and each
    turn that was found in it, as a request."""

    def __init__(self, call: Call, limits: Limits) -> None:
        self._call = call
        self._limits = limits
        self._counted = 0.0
        self._turns = 0

    def turn_heard(self) -> None:
        self._turns += 1

    async def until_limit(self) -> Ending:
        while True:
            await anyio.sleep(_COUNT_EVERY_SECONDS)
            try:
                await self.count()
            except LimitReached as reached:
                return Ending(TRY_AGAIN_LATER, str(reached), reached.code)

    async def count(self) -> None:
        """`LimitReached` when what came since the last time is more than was left."""
        seconds = self._call.taken_seconds - self._counted
        if seconds >= 1:
            self._counted += seconds
            await self._limits.spend("audio", seconds)
        if turns := self._turns:
            self._turns = 0
            await self._limits.spend("requests", turns)
