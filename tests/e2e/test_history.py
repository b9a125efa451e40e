"""What was said is there afterwards: calls on a real server with its database in a file."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Talker
from tests.recordings.browser import blobs

pytestmark = pytest.mark.timeout(60)

SCRIPT = """
[stt]
transcripts = ["What time is it?"]

[llm]
replies = ["It is noon."]

[tts]
letter_ms = 5
"""
QUESTION, ANSWER = "What time is it?", "It is noon."
LOUD = np.full(RATE, 8_000, np.int16)
QUIET = np.zeros(2 * RATE, np.int16)


class MortalServer(ServerProcess):
    def kill(self) -> None:
        """At once, with no time for a last word."""
        self._process.kill()
        self._process.wait()


Start = Callable[[], MortalServer]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "repartee.db"


@pytest.fixture
def start(tmp_path: Path, file: Path) -> Start:
    """Start a server on the same file as the one before."""
    script = tmp_path / "script.toml"
    script.write_text(SCRIPT)
    engines = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
    return lambda: MortalServer(**engines, SCRIPT=str(script), DATABASE_URL=f"sqlite:///{file}")


@contextmanager
def another_writer(file: Path) -> Iterator[None]:
    """Another program is in the middle of a transaction, and takes its time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@asynccontextmanager
async def calling(server: ServerProcess, interface: str) -> AsyncIterator[Talker]:
    url = f"ws://127.0.0.1:{server.port}/{interface}"
    async with connect(url, compression=None, max_size=None) as socket:
        talker = Talker(socket)
        receiving = asyncio.create_task(receive(talker))
        try:
            yield talker
        finally:
            receiving.cancel()


async def receive(talker: Talker) -> None:
    with suppress(ConnectionClosed):
        await talker.receive()


async def session_id(talker: Talker) -> str:
    greeting = await talker.until(lambda message: "session_id" in message.body)
    return str(greeting.body["session_id"])


def ask(server: ServerProcess, path: str, method: str = "GET") -> tuple[int, Any]:
    url = f"http://127.0.0.1:{server.port}{path}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, method=method), timeout=10
        ) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if body else None
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read())


# ---------------------------------------------------------------- one turn, on each interface


async def type_to_it(talker: Talker) -> None:
    since = len(talker.messages)
    await talker.send(type="chat", message=QUESTION)
    await talker.until(lambda message: message.type == "response_complete", since)


async def speak_to_it(talker: Talker) -> None:
    await talker.play(np.concatenate([LOUD, QUIET]), speed=20)
    await talker.until(lambda message: message.is_status("complete"))


async def hold_its_button(talker: Talker) -> None:
    await talker.send(type="start")
    for blob in blobs("chromium.webm"):
        await talker.send_raw(blob)
    await talker.send(type="stop")
    await talker.until(lambda message: message.body.get("event") == "turn_complete")


Way = Callable[[Talker], Awaitable[None]]
WAYS: dict[str, tuple[str, Way]] = {
    "typed": ("ws", type_to_it),
    "spoken": ("ws", speak_to_it),
    "button": ("call", hold_its_button),
}


def test_calls_on_every_interface_are_listed_alike(start: Start) -> None:
    async def call(server: ServerProcess, interface: str, way: Way) -> str:
        async with calling(server, interface) as talker:
            await way(talker)
            return await session_id(talker)

    async def all_calls(server: ServerProcess) -> list[str]:
        return await asyncio.gather(*(call(server, *way) for way in WAYS.values()))

    with start() as server:
        ids = asyncio.run(all_calls(server))
        status, listed = ask(server, "/sessions")
        assert status == 200
        by_id = {session["id"]: session for session in listed}
        assert by_id.keys() == set(ids)
        assert [by_id[one]["interface"] for one in ids] == ["ws", "ws", "call"]
        assert {session["turns"] for session in listed} == {1}
        for one in ids:
            (turn,) = ask(server, f"/sessions/{one}/turns")[1]
            assert (turn["user_text"], turn["heard_text"]) == (QUESTION, ANSWER)
            assert (turn["session_id"], turn["status"]) == (one, "complete")
            assert 0 <= turn["time_to_first_token"] <= turn["time_to_first_audio"] < 30


@pytest.mark.parametrize("way", WAYS)
def test_a_turn_that_a_client_saw_finish_outlives_a_killed_server(way: str, start: Start) -> None:
    interface, take_a_turn = WAYS[way]

    async def call(server: MortalServer) -> str:
        async with calling(server, interface) as talker:
            await take_a_turn(talker)
            server.kill()
            return await session_id(talker)

    with start() as server:
        one = asyncio.run(call(server))
    with start() as server:
        _, session = ask(server, f"/sessions/{one}")
        (turn,) = ask(server, f"/sessions/{one}/turns")[1]
    assert (turn["user_text"], turn["assistant_text"]) == (QUESTION, ANSWER)
    assert (session["status"], session["turns"]) == ("abandoned", 1)
    assert session["ended_at"] == turn["ended_at"]


def test_a_database_that_is_locked_costs_a_turn_and_stops_nothing(start: Start, file: Path) -> None:
    async def call(server: ServerProcess) -> str:
        async with calling(server, "ws") as talker:
            one = await session_id(talker)
            await type_to_it(talker)
            with another_writer(file):
                await type_to_it(talker)
                told = await talker.until(lambda message: message.type == "error")
                assert told.body["code"] == "turn_not_saved"
                assert ask(server, "/health")[1]["status"] == "degraded"
                status, turns = ask(server, f"/sessions/{one}/turns")
                assert (status, len(turns)) == (200, 1), "what is kept can be read all the same"
                status, problem = ask(server, f"/sessions/{one}", "DELETE")
                assert (status, "is locked" in problem["detail"]) == (503, True)
            await type_to_it(talker)
            return one

    with start() as server:
        one = asyncio.run(call(server))
        health = ask(server, "/health")[1]
        assert (health["status"], health["store"]) == ("healthy", {"failing": False, "lost": 1})
        assert len(ask(server, f"/sessions/{one}/turns")[1]) == 2
        assert ask(server, f"/sessions/{one}", "DELETE") == (204, None)
        assert ask(server, f"/sessions/{one}")[0] == 404
