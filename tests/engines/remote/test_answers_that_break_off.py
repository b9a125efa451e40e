"""An answer that has begun and breaks off: it is told once, and names who is to blame.

Whether it comes from the server itself or through a broker, nobody is asked a second time: what
the server had begun to answer it has understood, and may have done.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import numpy as np
import pytest

from repartee.engines.protocols import Caller, Speech
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineNonsense
from repartee.testing.standins import StandIn, Trouble, Wire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.brokers import behind
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio


async def hear(engine: Any) -> None:
    async with engine.listen(Caller("ann"), "en") as hearing:
        hearing.feed(np.ones(16_000, np.int16))
        await hearing.settle()


async def speak(engine: Any) -> None:
    await whole_sound(engine, "Hello there.", Speech())


class Kind(msgspec.Struct, frozen=True):
    wire: Callable[[], Wire]
    direct: Any
    brokered: Any
    broker: Any
    use: Callable[[Any], Awaitable[None]]


@pytest.fixture(
    params=[
        Kind(WhisperCppWire, WhisperCpp, SstBroker, behind.stt, hear),
        Kind(KokoroWire, KokoroServer, TtsBroker, behind.tts, speak),
    ],
    ids=["stt", "tts"],
)
def kind(request: pytest.FixtureRequest) -> Kind:
    one: Kind = request.param
    return one


@pytest.fixture
async def server(kind: Kind) -> AsyncIterator[StandIn]:
    async with StandIn(kind.wire()) as server:
        yield server


@pytest.fixture(params=["directly", "through a broker"])
async def engine(request: pytest.FixtureRequest, kind: Kind, server: StandIn) -> AsyncIterator[Any]:
    """One that works, and has proved it."""
    async with AsyncExitStack() as running:
        if request.param == "directly":
            engine = kind.direct(base_url=server.url, patience=CALM)
        else:
            url = await running.enter_async_context(behind.served(kind.broker(server.url)))
            engine = kind.brokered(base_url=url, patience=CALM)
        await engine.open()
        running.push_async_callback(engine.close)
        await kind.use(engine)
        yield engine


async def test_it_is_told_once_and_names_the_server(
    kind: Kind, server: StandIn, engine: Any
) -> None:
    asked = len(wishes(server))
    server.usual = Trouble(lose_after=0)
    with pytest.raises(EngineNonsense) as raised:
        await kind.use(engine)
    assert f"127.0.0.1:{server.port} broke off in the middle of its answer." in str(raised.value)
    assert len(wishes(server)) == asked + 1
    server.usual = Trouble()
    await kind.use(engine)


def wishes(server: StandIn) -> list[Any]:
    """Requests for work; a look at a server's health is none."""
    return [heard for heard in server.asked if heard.method == "POST"]
