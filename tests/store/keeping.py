"""A keeper at work in a test, with pauses that take no time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from repartee.store.keeper import BREATH_SECONDS, Keeper
from repartee.store.protocol import Store


class Pauses:
    """A sleep that only notes how long it would have been; `then` happens at the first one."""

    def __init__(self, then: Callable[[], object] | None = None) -> None:
        self.taken: list[float] = []
        self._then = then

    async def __call__(self, seconds: float) -> None:
        if seconds == BREATH_SECONDS:
            return
        self.taken.append(seconds)
        if self._then is not None:
            then, self._then = self._then, None
            await asyncio.to_thread(then)


@contextlib.asynccontextmanager
async def at_work(
    store: Store, pauses: Pauses | None = None, *, room: int = 100, patience_seconds: float = 20
) -> AsyncIterator[Keeper]:
    keeper = Keeper(store, room=room, patience_seconds=patience_seconds, sleep=pauses or Pauses())
    writer = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        writer.cancel()
        await asyncio.wait([writer])
