"""From settings to an open house: engines, database, personas and all that is done beside calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from repartee.calls.clock import wall_time
from repartee.calls.decoding import DecodingRoom
from repartee.calls.erasing import erase_recordings_before
from repartee.calls.watch import Watch
from repartee.engines.build import build_engines, check_defaults
from repartee.machine import usable_cores
from repartee.personas import Personas
from repartee.server.house import House, build_house, personas_file
from repartee.server.measuring import know_capacity
from repartee.server.rehearsing import rehearse
from repartee.server.tracing import traced
from repartee.settings import Settings
from repartee.store import heartbeat, opening
from repartee.store.keeper import keeping
from repartee.store.retention import forget_old_sessions


@asynccontextmanager
async def opened_house(settings: Settings) -> AsyncIterator[House]:
    """Open until this is left. What is wrong with the settings stops it with one sentence."""
    Personas(personas_file(settings)).read()  # what is wrong there need not wait for the engines
    engines = build_engines(settings)
    async with (
        opening.opened(settings.database_url) as store,
        keeping(store) as keeper,
        traced(settings, engines) as onlookers,
    ):
        decoding = DecodingRoom()
        try:
            await asyncio.gather(engines.open(), decoding.open())
            check_defaults(settings, engines)
            house = build_house(settings, engines, decoding, store, keeper, onlookers)
            works = [
                heartbeat.show_life(keeper),
                heartbeat.end_what_the_dead_left(store),
                forget_old_sessions(
                    store,
                    settings.retention_days,
                    wall_time,
                    forget_files=partial(erase_recordings_before, Path(settings.record_dir)),
                ),
                house.personas.watch(),
                _watch(house).run(),
                know_capacity(house),
                rehearse(house),
            ]
            if settings.asks_for_keys:
                await house.keys.look(store)
                works.append(house.keys.follow(store, send_off=house.send_off))
            try:
                async with _beside(*works):
                    yield house
            finally:
                await house.visitors.close()
                await house.limits.close()
        finally:
            await decoding.close()
            await engines.close()


def _watch(house: House) -> Watch:
    rooms = (house.roster, house.errands, house.pressure, usable_cores())
    return Watch(*rooms) if house.meters is None else Watch(*rooms, late=house.meters.late)


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
