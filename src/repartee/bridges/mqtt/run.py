"""From settings to a running bridge, and down again with manners."""

from __future__ import annotations

import asyncio
import logging
import signal

import anyio

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.allowance import with_devices_counted
from repartee.bridges.mqtt.bridge import Bridge
from repartee.bridges.mqtt.starting import check_who_may_come, warn_of_listeners
from repartee.server.house import House
from repartee.server.opening import opened_house
from repartee.settings import Settings

log = logging.getLogger(__name__)


def run_bridge(settings: Settings) -> None:
    """Run until told to stop."""
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    address = BrokerAddress.of(settings)
    check_who_may_come(address, settings.mqtt_allow_strangers)
    warn_of_listeners(address)
    async with opened_house(with_devices_counted(settings)) as house:
        await _until_told(house, Bridge(house, address))


async def _until_told(house: House, bridge: Bridge) -> None:
    """A signal first lets replies end that are being heard; a second one ends all at once."""
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bridge.run)
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                await anext(signals)
                log.info("Shutting down: what is being answered may be answered to its end.")
                tasks.start_soon(_drain, house, tasks.cancel_scope)
                await anext(signals)
                tasks.cancel_scope.cancel()
    except* Exception as problems:
        raise _first(problems) from None


async def _drain(house: House, everything: anyio.CancelScope) -> None:
    await house.drain()
    everything.cancel()


def _first(problem: BaseException) -> BaseException:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem
