"""A broker tells the truth about the server behind it: while that is away, and when it is back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Literal

import httpx
import msgspec
import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.brokers import upstream
from repartee.testing.standins import StandIn, Trouble, Wire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.brokers.behind import listening, speaking

pytestmark = pytest.mark.anyio

QUESTION = wav_bytes(np.full(16_000, 8_000, np.int16), 16_000)


async def ask_to_hear(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/inference", files={"file": ("q.wav", QUESTION)})


async def ask_to_speak(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/synthesize", json={"text": "Hello.", "voice": "ef_dora"})


class Kind(msgspec.Struct, frozen=True):
    wire: Callable[[], Wire]
    broker: Any
    ask: Any


@pytest.fixture(
    params=[
        Kind(WhisperCppWire, listening, ask_to_hear),
        Kind(KokoroWire, speaking, ask_to_speak),
    ],
    ids=["stt", "tts"],
)
def kind(request: pytest.FixtureRequest) -> Kind:
    one: Kind = request.param
    return one


async def told(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(path)).json()
    return answer


async def seems_well(client: httpx.AsyncClient) -> bool:
    """All that it says of this must agree."""
    health, status = await client.get("/healthz"), await told(client, "/broker-status")
    is_well = health.is_success
    assert health.json()["status"] == ("healthy" if is_well else "unhealthy")
    assert status["status"] == "running"
    assert status["service_healthy"] == is_well
    assert status["service_problem"] == health.json().get("error")
    return is_well


async def test_it_starts_while_the_server_is_away_and_works_when_that_comes(kind: Kind) -> None:
    server = StandIn(kind.wire())
    async with server:
        url = server.url
    async with kind.broker(url) as client:
        assert not await seems_well(client)
        assert url.removeprefix("http://") in (await told(client, "/healthz"))["error"]
        assert (await client.get("/info")).status_code == 200
        assert (await kind.ask(client)).status_code == 503
        async with server:
            assert await seems_well(client)
            assert (await kind.ask(client)).status_code == 200


async def test_it_outlives_the_server(kind: Kind) -> None:
    server = StandIn(kind.wire())
    async with AsyncExitStack() as running:
        await running.enter_async_context(server)
        async with kind.broker(server.url) as client:
            assert (await kind.ask(client)).status_code == 200
            await running.aclose()
            assert not await seems_well(client)
            assert (await kind.ask(client)).status_code == 503
            async with server:
                assert await seems_well(client)
                assert (await kind.ask(client)).status_code == 200
            figures = await told(client, "/broker-status")
            assert (figures["requests"], figures["failed"]) == (3, 1)


@pytest.mark.parametrize(
    "trouble",
    [Trouble(status=500), Trouble(status=503), Trouble(nonsense=True), Trouble(reset=True)],
    ids=["fails", "overloaded", "another server", "hangs up"],
)
async def test_a_server_that_is_there_but_not_well(kind: Kind, trouble: Trouble) -> None:
    async with StandIn(kind.wire()) as server, kind.broker(server.url) as client:
        server.usual = trouble
        assert not await seems_well(client)
        server.usual = Trouble()
        assert await seems_well(client)


@pytest.mark.parametrize("pieces", [-1, 1], ids=["never answers", "never ends its answer"])
async def test_a_server_that_takes_too_long_is_not_waited_for(
    kind: Kind, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "_HEALTH_WITHIN_SECONDS", 0.05)
    async with StandIn(kind.wire()) as server, kind.broker(server.url) as client:
        server.usual = Trouble(hang_after=pieces, cut_bytes=1)
        assert "did not answer within 0.05 seconds" in (await told(client, "/healthz"))["error"]


async def test_voices_can_not_be_listed_while_nobody_is_there_to_speak() -> None:
    server = StandIn(KokoroWire())
    async with server:
        url = server.url
    async with speaking(url) as client:
        answer = await client.get("/voices")
        assert answer.status_code == 503
        assert url.removeprefix("http://") in answer.json()["error"]
        async with server:
            assert "ef_dora" in (await told(client, "/voices"))["voices"]
        assert (await client.get("/voices")).status_code == 503


class TestWhisperCppThatLoadsAModel:
    @pytest.mark.parametrize("loading", ["hidden", "told"])
    async def test_it_is_not_well_meanwhile(self, loading: Literal["hidden", "told"]) -> None:
        wire = WhisperCppWire()
        async with StandIn(wire) as server, listening(server.url) as client:
            assert await seems_well(client)
            wire.loading = loading
            assert not await seems_well(client)
            assert "still loading" in (await told(client, "/healthz"))["error"]
            wire.loading = ""
            assert await seems_well(client)

    async def test_an_older_one_has_no_word_for_it_and_is_well_if_it_is_there(self) -> None:
        wire = WhisperCppWire()
        wire.is_older = True
        async with StandIn(wire) as server, listening(server.url) as client:
            assert await seems_well(client)

    async def test_one_that_goes_on_saying_so_is_believed_less_than_its_work(self) -> None:
        """Current ones do, when they were asked to load a model that is not there."""
        wire = WhisperCppWire()
        async with StandIn(wire) as server, listening(server.url) as client:
            assert await seems_well(client)
            wire.is_older = True
            assert not await seems_well(client)
            assert (await ask_to_hear(client)).status_code == 200
            assert await seems_well(client)
