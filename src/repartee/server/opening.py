"""From settings to an open house: engines, database, personas and all that is done beside calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from repartee.calls.clock import wall_time
from repartee.calls.decoding import DecodingRoom
from repartee.engines.build import build_engines, check_defaults
from repartee.server.house import House, build_house
from repartee.settings import Settings
from repartee.store import opening
from repartee.store.keeper import keeping
from repartee.store.retention import forget_old_sessions


@asynccontextmanager
async def opened_house(settings: Settings) -> AsyncIterator[House]:
    """Open until this is left. What is wrong with the settings stops it with one sentence."""
    engines = build_engines(settings)
    async with opening.opened(settings.database_url) as store, keeping(store) as keeper:
        decoding = DecodingRoom()
        try:
            await asyncio.gather(engines.open(), decoding.open())
            check_defaults(settings, engines)
            house = build_house(settings, engines, decoding, store, keeper)
            forgetting = forget_old_sessions(store, settings.retention_days, wall_time)
            try:
                async with _beside(forgetting, house.personas.watch()):
                    yield house
            finally:
                await house.visitors.close()
        finally:
            await decoding.close()
            await engines.close()


@asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """All of this goes on meanwhile, and ends with it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
