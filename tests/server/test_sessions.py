"""The sessions that are kept, over REST: what was said on every interface, listed and forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from repartee.audio.wav import wav_bytes
from repartee.calls.clock import wall_time
from repartee.dialects.call import CallDialect
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.server.house import House
from repartee.store.protocol import Session
from repartee.testing.checks.store import a_session, a_turn
from tests.recordings import recording
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import asking, on_the_phone, open_house

pytestmark = pytest.mark.anyio

A_STRANGER = "5f0c1c6e-8a53-4c53-9a3b-0d6b2f1f3a11"

FIELDS_OF_A_SESSION = "id interface persona client status created_at ended_at turns".split()
FIELDS_OF_A_TURN = (
    "id session_id mode user_text assistant_text heard_text confidence started_at ended_at status "
    "time_to_first_partial time_to_final_transcript time_to_first_token time_to_first_audio"
).split()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


async def seen(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


async def refused(client: httpx.AsyncClient, method: str, path: str, status: int) -> str:
    response = await client.request(method, path)
    assert response.status_code == status, response.text
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])


async def greeted(socket: FakeSocket) -> str:
    greeting = await socket.until(lambda frame: "session_id" in frame)
    return str(greeting["session_id"])


async def typed(socket: FakeSocket, text: str) -> None:
    since = len(socket.frames)
    socket.say(type="chat", message=text)
    await socket.until(
        lambda frame: frame["type"] == "response_complete" and frame in socket.frames[since:]
    )


async def held_to_talk(socket: FakeSocket) -> None:
    socket.say(type="start")
    socket.say_raw(wav_bytes(recording("q1_weather.wav"), LISTENING_RATE_HZ))
    socket.say(type="stop")
    await socket.until(lambda frame: frame.get("event") == "turn_complete")


class TestACallThatIsLive:
    async def test_it_is_there_as_soon_as_its_client_knows_its_id(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            session = await seen(client, f"/sessions/{await greeted(socket)}")
        assert list(session) == FIELDS_OF_A_SESSION
        assert (session["interface"], session["status"]) == ("ws", "active")
        assert (session["ended_at"], session["turns"]) == (None, 0)

    async def test_a_turn_is_there_as_soon_as_its_client_saw_it_finish(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            session_id = await greeted(socket)
            for count, text in enumerate(("marmalade", "and toast"), 1):
                await typed(socket, text)
                turns = await seen(client, f"/sessions/{session_id}/turns")
                assert len(turns) == count
                assert turns[-1]["user_text"] == text

    async def test_it_is_ended_as_soon_as_it_is_over(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            session_id = await greeted(socket)
        session = await seen(client, f"/sessions/{session_id}")
        assert session["status"] == "ended"
        assert session["created_at"] <= session["ended_at"]

    async def test_the_persona_it_chose_is_kept(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            socket.say(type="config", persona="astronaut")
            await typed(socket, "hello")
            session = await seen(client, f"/sessions/{await greeted(socket)}")
        assert session["persona"] == "astronaut"

    async def test_it_may_be_deleted_and_what_follows_is_kept(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            path = f"/sessions/{await greeted(socket)}"
            await typed(socket, "marmalade")
            assert (await client.delete(path)).status_code == 204
            await refused(client, "GET", path, 404)
            await typed(socket, "and toast")
            (turn,) = await seen(client, f"{path}/turns")
            assert turn["user_text"] == "and toast"
            assert (await seen(client, path))["status"] == "active"


class TestWhatATurnTells:
    async def test_every_field_of_it(self, house: House, client: httpx.AsyncClient) -> None:
        began = datetime.now(UTC)
        async with on_the_phone(house, CallDialect(wall_time)) as socket:
            await held_to_talk(socket)
            session_id = await greeted(socket)
        (turn,) = await seen(client, f"/sessions/{session_id}/turns")
        assert list(turn) == FIELDS_OF_A_TURN
        assert turn["session_id"] == session_id
        assert turn["user_text"] == "Hello, can you hear me?"
        assert turn["assistant_text"] == turn["heard_text"] == "You said: Hello, can you hear me?"
        assert (turn["confidence"], turn["status"]) == (0.95, "complete")
        assert turn["mode"] == "spoken"
        started, ended = (datetime.fromisoformat(turn[at]) for at in ("started_at", "ended_at"))
        assert started.utcoffset() == ended.utcoffset() == timedelta(0)
        assert began <= started <= ended <= datetime.now(UTC)
        for name in FIELDS_OF_A_TURN[-4:]:
            assert 0 <= turn[name] < 60, f"{name} is in seconds"
        assert turn["time_to_first_token"] <= turn["time_to_first_audio"]

    async def test_what_did_not_happen_took_no_time(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with on_the_phone(house) as socket:
            await typed(socket, "marmalade")
            (turn,) = await seen(client, f"/sessions/{await greeted(socket)}/turns")
        assert turn["mode"] == "typed"
        assert turn["time_to_first_partial"] is turn["time_to_final_transcript"] is None
        assert turn["time_to_first_audio"] is not None

    async def test_a_session_of_thousands_is_told_in_order(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        session, numbers = a_session(), range(1, 1_202)
        await house.store.keep([session], [a_turn(session, n, user_text=f"{n}") for n in numbers])
        turns = await seen(client, f"/sessions/{session.id}/turns")
        assert [int(turn["user_text"]) for turn in turns] == list(numbers)

    async def test_times_are_told_to_a_tenth_of_a_millisecond(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        session = a_session()
        await house.store.keep([session], [a_turn(session, time_to_first_audio=1 / 3)])
        (turn,) = await seen(client, f"/sessions/{session.id}/turns")
        assert turn["time_to_first_audio"] == 0.3333

    async def test_a_session_in_which_nothing_was_said(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        session = a_session()
        await house.store.keep([session], [])
        assert await seen(client, f"/sessions/{session.id}/turns") == []


class TestEveryInterface:
    async def test_calls_side_by_side_never_see_each_other(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        async with (
            on_the_phone(house) as page,
            on_the_phone(house, CallDialect(wall_time)) as button,
        ):
            await held_to_talk(button)
            await typed(page, "marmalade")
            ids = [await greeted(page), await greeted(button)]
            listed = {one["id"]: one["interface"] for one in await seen(client, "/sessions")}
            assert listed == dict(zip(ids, ("ws", "call"), strict=True))
            said = [await seen(client, f"/sessions/{one}/turns") for one in ids]
        assert [[turn["user_text"] for turn in turns] for turns in said] == [
            ["marmalade"],
            ["Hello, can you hear me?"],
        ]


class TestTheList:
    async def test_an_empty_database(self, client: httpx.AsyncClient) -> None:
        assert await seen(client, "/sessions") == []

    async def test_newest_first_and_fifty_at_most_unless_it_is_asked_for_more(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        kept = [a_session(created_at=1_750_000_000.0 + age) for age in range(210)]
        await house.store.keep(kept, [])
        newest = [session.id for session in reversed(kept)]
        for query, length in (("", 50), ("?limit=1", 1), ("?limit=200", 200)):
            listed = await seen(client, f"/sessions{query}")
            assert [one["id"] for one in listed] == newest[:length]

    async def test_pages_add_up_even_where_all_began_at_the_same_moment(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        kept = [a_session() for _ in range(7)]
        await house.store.keep(kept, [])
        paged: list[str] = []
        path = "/sessions?limit=3"
        while page := await seen(client, path):
            paged += [one["id"] for one in page]
            path = f"/sessions?limit=3&before={paged[-1]}"
        assert len(paged) == 7
        assert set(paged) == {session.id for session in kept}

    @pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=201", "limit=x", "limit="])
    async def test_a_limit_that_is_none(self, query: str, client: httpx.AsyncClient) -> None:
        assert "'limit' is wrong" in await refused(client, "GET", f"/sessions?{query}", 422)

    @pytest.mark.parametrize("before", [A_STRANGER, "x", "", "%00", "%ed%a0%bd"])
    async def test_a_place_that_is_none(self, before: str, client: httpx.AsyncClient) -> None:
        sentence = await refused(client, "GET", f"/sessions?before={before}", 422)
        assert "'before' names no session" in sentence


class TestForgetting:
    async def test_a_session_goes_with_its_turns_and_harms_no_other(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        gone, stays = a_session(), a_session()
        await house.store.keep([gone, stays], [a_turn(gone), a_turn(stays)])
        response = await client.delete(f"/sessions/{gone.id}")
        assert (response.status_code, response.content) == (204, b"")
        for method, path in (("GET", ""), ("GET", "/turns"), ("DELETE", "")):
            await refused(client, method, f"/sessions/{gone.id}{path}", 404)
        assert [one["id"] for one in await seen(client, "/sessions")] == [stays.id]
        assert len(await seen(client, f"/sessions/{stays.id}/turns")) == 1


NOBODY = [
    "5f0c1c6e-8a53-4c53-9a3b-0d6b2f1f3a11",
    "x",
    "%00",
    "%ed%a0%bd",
    "'%20OR%201=1%20--",
    "x" * 5_000,
]


@pytest.mark.parametrize("method_and_end", [("GET", ""), ("GET", "/turns"), ("DELETE", "")])
@pytest.mark.parametrize("session_id", NOBODY, ids=lambda session_id: session_id[:8])
async def test_a_session_that_is_not_there(
    session_id: str, method_and_end: tuple[str, str], client: httpx.AsyncClient
) -> None:
    method, end = method_and_end
    sentence = await refused(client, method, f"/sessions/{session_id}{end}", 404)
    assert sentence.startswith("There is no such session.")


async def test_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    folder.mkdir()
    session = a_session()
    async with open_house(f"sqlite:///{folder}/repartee.db") as house, asking(house) as client:
        await house.store.keep([session], [])
        folder.rename(elsewhere)
        for method, path in everything_about(session):
            sentence = await refused(client, method, path, 503)
            assert "database can't be opened" in sentence
            assert str(tmp_path) not in sentence
        elsewhere.rename(folder)
        assert (await seen(client, "/sessions"))[0]["id"] == session.id


def everything_about(session: Session) -> list[tuple[str, str]]:
    path = f"/sessions/{session.id}"
    return [("GET", "/sessions"), ("GET", path), ("GET", f"{path}/turns"), ("DELETE", path)]


async def test_they_are_described_as_they_are(client: httpx.AsyncClient) -> None:
    described = await seen(client, "/openapi.json")
    schemas = described["components"]["schemas"]
    assert list(schemas["Session"]["properties"]) == FIELDS_OF_A_SESSION
    assert list(schemas["Turn"]["properties"]) == FIELDS_OF_A_TURN
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path, methods in described["paths"].items():
        for answers in (m["responses"] for m in methods.values() if path.startswith("/sessions")):
            errors = {status: said for status, said in answers.items() if status >= "400"}
            assert "503" in errors
            assert all(said["content"]["application/json"] == problem for said in errors.values())
