"""What the tests of Deepgram's engines share: its stand-in, and a clock that never waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from repartee.engines.protocols import Hearing, Samples
from repartee.engines.stt.deepgram_wires import Flux, Nova

PACKET = 320


class Pauses:
    """Pauses between tries are over at once; other waiting ends when `tick` is called."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self._ticked = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        if seconds in (Nova.keep_alive_s, Flux.keep_alive_s):
            await self._ticked.wait()
        else:
            self.taken.append(seconds)
            await asyncio.sleep(0)

    def tick(self) -> None:
        """The time to keep alive what is quiet has come."""
        self._ticked.set()
        self._ticked = asyncio.Event()


def feed(hearing: Hearing, sound: Samples) -> None:
    for at in range(0, len(sound), PACKET):
        hearing.feed(sound[at : at + PACKET])


async def first_partial(hearing: Hearing, right: Callable[[str], bool]) -> str:
    async for partial in hearing.partials():
        if right(partial):
            return partial
    raise AssertionError("The partials ended early.")


@asynccontextmanager
async def nothing_left_behind() -> AsyncIterator[None]:
    """Every task that was begun in here has ended."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == set()
