"""From settings to an open house: engines, database, personas and all that is done beside calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from repartee.calls.clock import wall_time
from repartee.calls.decoding import DecodingRoom
from repartee.calls.erasing import erase_recordings_before
from repartee.calls.watch import Watch
from repartee.engines.build import build_engines, check_defaults
from repartee.machine import usable_cores
from repartee.personas import Personas
from repartee.server.beside import Work, beside, lasting, once
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
            if settings.asks_for_keys:
                await house.keys.look(store)
            try:
                async with beside(*_works(house)):
                    yield house
            finally:
                await house.visitors.close()
                await house.limits.close()
        finally:
            await decoding.close()
            await engines.close()


def _works(house: House) -> Iterator[Work]:
    """What a house does beside its calls."""
    settings, store = house.settings, house.store
    forget = partial(
        forget_old_sessions,
        store,
        settings.retention_days,
        wall_time,
        forget_files=partial(erase_recordings_before, Path(settings.record_dir)),
    )
    yield lasting("The sign of life", partial(heartbeat.show_life, house.keeper))
    yield lasting("The look for dead servers", partial(heartbeat.end_what_the_dead_left, store))
    yield lasting("Forgetting what is old", forget)
    yield lasting("Reading the personas again", house.personas.watch)
    yield lasting("The watch over the load", _watch(house).run)
    yield once("Measuring how many calls the server carries", partial(know_capacity, house))
    yield once("Speaking sentences ahead", partial(rehearse, house))
    if settings.asks_for_keys:
        follow = partial(house.keys.follow, store, send_off=house.send_off)
        yield lasting("Following the keys", follow)


def _watch(house: House) -> Watch:
    rooms = (house.roster, house.errands, house.pressure, usable_cores())
    return Watch(*rooms) if house.meters is None else Watch(*rooms, late=house.meters.late)
