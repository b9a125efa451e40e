"""What the server says about its health, and what operators read from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from repartee import __version__
from repartee.calls.decoding import DecodingRoom
from repartee.server.house import House, build_house
from repartee.settings import Settings
from repartee.store.opening import opened
from repartee.testing.checks.store import a_session, a_turn
from tests.calls.line import scripted
from tests.server.open_house import asking, on_the_phone, open_house
from tests.server.security.door import KEY, WITH_KEY
from tests.store.keeping import Pauses, at_work

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def health_of(house: House) -> dict[str, Any]:
    async with asking(house) as client:
        response = await client.get("/health")
    assert response.status_code == 200
    health: dict[str, Any] = response.json()
    return health


async def test_a_server_that_is_well(house: House) -> None:
    engine = {"name": "scripted", "ready": True}
    assert await health_of(house) == {
        "status": "healthy",
        "active_sessions": 0,
        "version": __version__,
        "engines": {"stt": engine, "llm": engine, "tts": engine},
        "llm_loaded": True,
        "tts_loaded": True,
        "store": {"failing": False, "lost": 0},
        "places": {"most": 100, "free": 100, "basis": "settings"},
        "load": {"step": "easy", "lag_p95_ms": 0.0, "haste": 0.0, "waiting": 0},
    }


class TestWithKeys:
    """Strangers learn what a balancer has to know, and nothing of how the server is built."""

    @pytest.fixture
    async def house(self) -> AsyncIterator[House]:
        async with open_house(api_keys=KEY, max_calls=7) as house:
            yield house

    @pytest.mark.parametrize("headers", [{}, {"X-API-Key": "a-key-that-nobody-has"}])
    async def test_a_stranger_is_told_little(self, house: House, headers: dict[str, str]) -> None:
        async with asking(house) as client:
            answer = await client.get("/health", headers=headers)
        assert answer.status_code == 200
        assert answer.json() == {"status": "healthy", "places": {"free": 7}}

    async def test_who_has_a_key_is_told_all(self, house: House) -> None:
        async with asking(house) as client:
            told = (await client.get("/health", headers=WITH_KEY)).json()
        assert told["version"] == __version__
        assert told["engines"]["stt"] == {"name": "scripted", "ready": True}
        assert told["places"]["most"] == 7

    async def test_who_only_knocks_gets_the_length_of_the_same(self, house: House) -> None:
        async with asking(house) as client:
            for headers in ({}, WITH_KEY):
                knocked = await client.head("/health", headers=headers)
                asked = await client.get("/health", headers=headers)
                assert knocked.headers["content-length"] == asked.headers["content-length"]


async def test_sessions_are_active_as_long_as_their_calls_live(house: House) -> None:
    async with on_the_phone(house) as one, on_the_phone(house) as other:
        for socket in (one, other):
            await socket.until_status("connected")
        assert (await health_of(house))["active_sessions"] == 2
    assert (await health_of(house))["active_sessions"] == 0


async def test_a_database_that_fails_is_told_until_it_works_again(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    folder.mkdir()
    session = a_session()
    async with (
        opened(f"sqlite:///{folder}/repartee.db") as store,
        at_work(store, Pauses()) as keeper,
    ):
        house = build_house(Settings(), scripted(), DecodingRoom(), store, keeper)
        keeper.session_began(session)
        assert await keeper.keep(a_turn(session, 1))
        folder.rename(elsewhere)
        assert not await keeper.keep(a_turn(session, 2))
        health = await health_of(house)
        assert health["status"] == "degraded"
        assert health["store"] == {"failing": True, "lost": 1}

        elsewhere.rename(folder)
        assert await keeper.keep(a_turn(session, 3))
        health = await health_of(house)
        assert health["status"] == "healthy"
        assert health["store"] == {"failing": False, "lost": 1}


@pytest.mark.parametrize("path", ["/health", "/"])
async def test_whoever_only_knocks_is_answered_as_well(path: str, house: House) -> None:
    async with asking(house) as client:
        knocked, asked = await client.head(path), await client.get(path)
    assert knocked.status_code == asked.status_code == 200
    for name in ("content-type", "content-length"):
        assert knocked.headers[name] == asked.headers[name]


async def test_it_is_described_once(house: House) -> None:
    async with asking(house) as client:
        described: Any = (await client.get("/openapi.json")).json()
    assert list(described["paths"]["/health"]) == ["get"]
    schemas = described["components"]["schemas"]
    assert "store" in schemas["Health"]["properties"]
    assert schemas["HealthInBrief"]["properties"].keys() == {"status", "places"}
