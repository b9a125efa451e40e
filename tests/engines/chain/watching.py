"""What the tests of chains look at: the switches that are told, the time that passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from repartee.engines.chain.members import Engine
from repartee.engines.chain.switches import Switch, witnessed


def named(name: str, engine: Engine) -> Engine:
    """The same engine under another name."""
    engine.name = name  # type: ignore[misc]
    return engine


@contextmanager
def switches_told() -> Iterator[list[tuple[str, str]]]:
    """From which engine to which, for each switch."""
    told: list[tuple[str, str]] = []

    def note(switch: Switch) -> None:
        told.append((switch.before, switch.after))

    with witnessed(note):
        yield told


@asynccontextmanager
async def nothing_left_behind() -> AsyncIterator[None]:
    """Every task that was begun in here has ended."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == set()


class Clock:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    @property
    def ms(self) -> int:
        return round((self._loop.time() - self._began) * 1000)
