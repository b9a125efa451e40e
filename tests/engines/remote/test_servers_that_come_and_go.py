"""Model servers and brokers elsewhere: they may be down at the start, go away, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
import pytest

from repartee.engines.protocols import Caller, Recognizer, Speech, Synthesizer
from repartee.engines.remote.patience import Patience
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.whole import whole_sound
from repartee.errors import (
    EngineError,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)
from repartee.testing.standins import Heard, Reply, StandIn, Trouble, Wire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.engines.remote.brokers import SttBrokerWire, TtsBrokerWire
from tests.engines.remote.impatience import CALM, IMPATIENT, WATCHFUL

pytestmark = pytest.mark.anyio


class Engine(Protocol):
    name: str

    @property
    def ready(self) -> bool: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


class Kind(NamedTuple):
    wire: Callable[[], Wire]
    engine: Callable[..., Any]
    use: Callable[[Any], Awaitable[object]]


async def hear(engine: Recognizer) -> object:
    async with engine.listen(Caller("ann"), "en") as hearing:
        hearing.feed(np.ones(16_000, np.int16))
        return (await hearing.settle()).text


async def speak(engine: Synthesizer) -> object:
    return len((await whole_sound(engine, "Hello there.", Speech())).samples)


KINDS = {
    "whispercpp": Kind(WhisperCppWire, WhisperCpp, hear),
    "sst-broker": Kind(SttBrokerWire, SstBroker, hear),
    "kokoro-server": Kind(KokoroWire, KokoroServer, speak),
    "tts-broker": Kind(TtsBrokerWire, TtsBroker, speak),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def ready(engine: Engine) -> bool:
    return engine.ready


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not what():
            await asyncio.sleep(0)


async def gone(kind: Kind) -> StandIn:
    """A server that is not there yet, at an address that is known already."""
    async with StandIn(kind.wire()) as server:
        return server


class TestTheStart:
    async def test_one_that_is_there_is_ready(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            assert not ready(engine), "Nobody has looked yet."
            await engine.open()
            assert ready(engine)
            await engine.close()
            assert not ready(engine)

    async def test_one_that_is_down_keeps_nobody_from_starting(
        self, kind: Kind, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = await gone(kind)
        engine: Engine = kind.engine(base_url=server.url, patience=CALM)
        await engine.open()
        assert not ready(engine)
        assert "does not work." in caplog.text
        with pytest.raises(EngineUnreachable, match="can't be reached"):
            await kind.use(engine)
        await engine.close()

    @pytest.mark.parametrize("hang_after", [-1, 0])
    async def test_one_that_hangs_does_not_hold_it_up(self, kind: Kind, hang_after: int) -> None:
        patience = Patience(look_s=0.05)
        async with StandIn(kind.wire(), Trouble(hang_after=hang_after)) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=patience, timeout_s=600.0)
            async with asyncio.timeout(2):
                await engine.open()
            assert not ready(engine)
            await engine.close()

    @pytest.mark.parametrize(
        "trouble", [Trouble(nonsense=True), Trouble(status=503), Trouble(status=401)]
    )
    async def test_another_server_at_its_address_is_not_ready(
        self, kind: Kind, trouble: Trouble
    ) -> None:
        async with StandIn(kind.wire(), trouble) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
            assert not ready(engine)
            await engine.close()


class TestComingBack:
    async def test_the_next_request_is_served(self, kind: Kind) -> None:
        server = await gone(kind)
        engine: Engine = kind.engine(base_url=server.url, patience=CALM)
        await engine.open()
        async with server:
            assert await kind.use(engine)
            await until(lambda: ready(engine))
            await engine.close()

    async def test_it_is_noticed_though_nobody_asks_for_anything(
        self, kind: Kind, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        server = await gone(kind)
        engine: Engine = kind.engine(base_url=server.url, patience=WATCHFUL)
        await engine.open()
        async with server:
            await until(lambda: ready(engine))
            assert "works." in caplog.messages[-1]
            await engine.close()


class TestGoingAway:
    async def test_it_is_noticed_though_nobody_asks_for_anything(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=WATCHFUL)
            await engine.open()
        await until(lambda: not ready(engine))
        async with server:
            await until(lambda: ready(engine))
            assert await kind.use(engine)
            await engine.close()

    async def test_a_request_that_fails_is_a_reason_to_look_at_once(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
        with pytest.raises(EngineUnreachable):
            await kind.use(engine)
        await until(lambda: not ready(engine))
        await engine.close()

    async def test_one_request_that_fails_is_no_illness(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
            asked = len(server.asked)
            server.troubles.append(Trouble(nonsense=True))
            with pytest.raises(EngineNonsense):
                await kind.use(engine)
            await until(lambda: len(server.asked) >= asked + 2)
            assert ready(engine)
            assert await kind.use(engine)
            await engine.close()


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "error"),
        [
            (Trouble(nonsense=True), EngineNonsense),
            (Trouble(hang_after=-1), EngineTimeout),
            (Trouble(hang_after=0), EngineTimeout),
            (Trouble(lose_after=0), EngineNonsense),
            (Trouble(reset=True), EngineUnreachable),
            (Trouble(status=401), EngineLocked),
        ],
    )
    async def test_each_has_its_error(
        self, kind: Kind, trouble: Trouble, error: type[EngineError]
    ) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(
                base_url=server.url,
                patience=IMPATIENT if error is EngineTimeout else CALM,
            )
            await engine.open()
            server.usual = trouble
            with pytest.raises(error):
                await kind.use(engine)
            await engine.close()

    async def test_one_that_passes_is_not_noticed(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
            server.troubles += [Trouble(status=503), Trouble(reset=True)]
            assert await kind.use(engine)
            await engine.close()

    async def test_who_leaves_frees_the_server(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
            asked = len(server.asked)
            server.usual = Trouble(hang_after=-1)
            using = asyncio.ensure_future(kind.use(engine))
            await until(lambda: len(server.asked) > asked)
            using.cancel()
            await server.until_left()
            server.usual = Trouble()
            assert await kind.use(engine)
            await engine.close()

    async def test_connections_are_used_again(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM)
            await engine.open()
            for _ in range(3):
                await kind.use(engine)
            await engine.close()
            assert {heard.connection for heard in server.heard} == {1}
            await until(lambda: server.open_connections == 0)

    async def test_it_may_take_as_long_as_is_set(self, kind: Kind) -> None:
        async with StandIn(kind.wire()) as server:
            engine: Engine = kind.engine(base_url=server.url, patience=CALM, timeout_s=0.05)
            await engine.open()
            server.usual = Trouble(hang_after=-1)
            with pytest.raises(EngineTimeout):
                await kind.use(engine)
            await engine.close()


class Strange:
    """A server that answers everything with the same few bytes."""

    def __init__(self, content_type: str, body: bytes) -> None:
        self.reply = Reply(content_type, [body])

    def answer(self, heard: Heard) -> Reply:
        return self.reply

    def complaint(self, status: int, heard: Heard) -> Reply:
        return self.reply


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"voices":' * 50_000, b"<p>Hello"]
)
async def test_whatever_comes_it_is_called_nonsense(kind: Kind, body: bytes) -> None:
    async with StandIn(Strange("application/json", body)) as server:
        engine: Engine = kind.engine(base_url=server.url, patience=CALM)
        await engine.open()
        with pytest.raises(EngineNonsense):
            await kind.use(engine)
        await engine.close()


async def test_what_keeps_it_away_is_logged_once(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    server = await gone(kind)
    engine: Engine = kind.engine(base_url=server.url, patience=CALM)
    await engine.open()
    for _ in range(2):
        with pytest.raises(EngineUnreachable):
            await kind.use(engine)
    assert len([one for one in caplog.messages if "can't be reached: All" in one]) == 1
    async with server:
        await kind.use(engine)
    with pytest.raises(EngineUnreachable):
        await kind.use(engine)
    assert len([one for one in caplog.messages if "can't be reached: All" in one]) == 2
    await engine.close()
