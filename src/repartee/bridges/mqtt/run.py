"""From settings to a running bridge, and down again with manners."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.bridge import Bridge
from repartee.calls.clock import wall_time
from repartee.calls.decoding import DecodingRoom
from repartee.engines.build import build_engines
from repartee.server.house import House, build_house
from repartee.settings import Settings
from repartee.store import opening
from repartee.store.keeper import keeping
from repartee.store.retention import forget_old_sessions

log = logging.getLogger(__name__)


def run_bridge(settings: Settings) -> None:
    """Run until told to stop."""
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    address = BrokerAddress.of(settings)
    if address.shows_password:
        log.warning("The password goes to %s unencrypted; mqtts:// hides it.", address.name)
    async with _open_house(settings) as house:
        await _until_told(house, Bridge(house, address))


async def _until_told(house: House, bridge: Bridge) -> None:
    """A signal first lets replies end that are being heard; a second one ends all at once."""
    settings = house.settings
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(forget_old_sessions, house.store, settings.retention_days, wall_time)
            tasks.start_soon(bridge.run)
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                await anext(signals)
                log.info("Shutting down: replies that are being heard may end.")
                tasks.start_soon(_drain, house, tasks.cancel_scope)
                await anext(signals)
                tasks.cancel_scope.cancel()
    except* Exception as problems:
        raise _first(problems) from None


async def _drain(house: House, everything: anyio.CancelScope) -> None:
    await house.roster.drain(house.settings.shutdown_seconds)
    everything.cancel()


def _first(problem: BaseException) -> BaseException:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


@asynccontextmanager
async def _open_house(settings: Settings) -> AsyncIterator[House]:
    engines = build_engines(settings)
    async with opening.opened(settings.database_url) as store, keeping(store) as keeper:
        decoding = DecodingRoom()
        try:
            await asyncio.gather(engines.open(), decoding.open())
            yield build_house(settings, engines, decoding, store, keeper)
        finally:
            await decoding.close()
            await engines.close()
