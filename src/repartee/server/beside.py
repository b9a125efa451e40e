"""What is done beside the calls for as long as a house is open, and never ends unheard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio

from repartee.calls.clock import now

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Before what broke begins again; twice as long each time."""
_WELL_AGAIN_SECONDS = 300.0
"""What went on for so long is not broken for ever."""

Work = Coroutine[Any, Any, None]
Begin = Callable[[], Awaitable[None]]


@asynccontextmanager
async def beside(*works: Work) -> AsyncIterator[None]:
    """All of this goes on meanwhile, and ends with it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def once(what: str, begin: Begin) -> None:
    """What the house can do without, if it breaks."""
    try:
        await begin()
    except Exception:
        log.exception("%s broke. The server goes on without it.", what)


async def lasting(
    what: str,
    begin: Begin,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    clock: Callable[[], float] = now,
) -> None:
    """What it can't do without for long: whenever that breaks, it begins again after a pause."""
    pause_s = FIRST_PAUSE_SECONDS
    while True:
        began = clock()
        try:
            await begin()
            return
        except Exception:
            if clock() - began >= _WELL_AGAIN_SECONDS:
                pause_s = FIRST_PAUSE_SECONDS
            log.exception("%s broke, and begins again in %g seconds.", what, pause_s)
        await sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_SECONDS)
