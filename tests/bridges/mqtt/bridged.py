"""A bridge at work on a broker, with engines that follow a script, and devices that speak to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.bridge import Bridge
from repartee.bridges.mqtt.link import Backoff, Link
from repartee.calls.decoding import DecodingRoom
from repartee.engines.build import Engines
from repartee.server.house import House, build_house
from repartee.settings import Settings
from tests.bridges.mqtt.device import Device, device
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.line import Notebook, scripted

SOON = Backoff(first_s=0.02, longest_s=0.1)
QUICK = {"endpoint_min_ms": 100, "endpoint_default_ms": 100}
"""A turn is over after so short a silence."""


class Running:
    def __init__(self, house: House, notebook: Notebook, bridge: Bridge) -> None:
        self.bridge = bridge
        self.house = house
        self.notebook = notebook


@asynccontextmanager
async def bridged(
    broker: Mosquitto, engines: Engines | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """A bridge at work, until this is left."""
    notebook = Notebook()
    keeper: Any = notebook
    decoding = DecodingRoom()
    given = Settings.model_validate({"mqtt_broker": broker.url, **QUICK, **settings})
    house = build_house(given, engines or scripted(), decoding, keeper, keeper)
    bridge = Bridge(house, BrokerAddress.of(given), partial(Link, backoff=SOON))
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bridge.run)
            yield Running(house, notebook, bridge)
            tasks.cancel_scope.cancel()
    finally:
        await decoding.close()


@asynccontextmanager
async def kitchen(
    broker: Mosquitto, engines: Engines | None = None, **settings: Any
) -> AsyncIterator[Device]:
    """A device named kitchen, and the bridge that it speaks to."""
    async with device(broker.port) as it, bridged(broker, engines, **settings):
        await it.until("repartee/status")
        yield it
