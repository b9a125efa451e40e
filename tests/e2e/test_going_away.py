"""A server that is told to stop: who talks to it is heard out, sent away, and goes on elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from repartee.testing.server_process import ServerProcess
from tests.calls.line import QUIET, VOICE, pcm
from tests.store.postgres_server import PostgresServer, needed_programs

SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
GONE = (1001, "The call has ended. Connect again any time.")
LONG = "It goes on and on. " * 3
SCRIPT = f"""
[llm]
replies = ["{LONG}This was the end."]
token_ms = 20
"""


@pytest.fixture
def script(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "script.toml"
    file.write_text(SCRIPT)
    return {**SCRIPTED, "SCRIPT": str(file)}


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """The next message that has these fields."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.recv())
            self.told.append(message)
            if wanted.items() <= message.items():
                return message

    async def end(self) -> tuple[int, str]:
        """How the line is closed, when all that was sent before has been taken."""
        try:
            while True:
                self.told.append(json.loads(await self.socket.recv()))
        except ConnectionClosed:
            assert self.socket.close_code is not None
            return self.socket.close_code, self.socket.close_reason or ""


@asynccontextmanager
async def calling(server: ServerProcess, resume: str = "") -> AsyncIterator[Client]:
    async with on_line(server, f"/ws?resume={resume}" if resume else "/ws") as client:
        yield client


@asynccontextmanager
async def on_line(server: ServerProcess, path: str) -> AsyncIterator[Client]:
    async with connect(server.socket_at(path), compression=None) as socket:
        yield Client(socket)


async def moved(one: ServerProcess, other: ServerProcess) -> None:
    """A call that is answered while its server is told to stop, and goes on at another."""
    async with calling(one) as client:
        session_id = (await client.until(data="connected"))["session_id"]
        await client.say(type="chat", message="one")
        await client.until(type="response_start")
        one.terminate()
        code, reason = await client.end()
        completed, going_away = client.told[-2:]
        assert completed["full_text"].endswith("This was the end.")
        assert (going_away["type"], going_away["data"]) == ("status", "going_away")
        assert going_away["session_id"] == session_id
        assert (code, reason) == GONE
    await asyncio.sleep(going_away["resume_after_ms"] / 1000)
    async with calling(other, session_id) as client:
        assert (await client.until(data="connected"))["session_id"] == session_id
        await client.say(type="chat", message="two")
        await client.until(type="response_complete")
    address = f"http://127.0.0.1:{other.port}/sessions/{session_id}/turns"
    async with httpx.AsyncClient() as http:
        turns = (await http.get(address)).json()
    assert [(turn["user_text"], turn["status"]) for turn in turns] == [
        ("one", "complete"),
        ("two", "complete"),
    ]


def test_a_call_goes_on_at_another_server_that_shares_the_database(
    script: dict[str, str], tmp_path: Path
) -> None:
    shared = {**script, "DATABASE_URL": f"sqlite:///{tmp_path}/calls.db"}
    with ServerProcess(**shared) as one, ServerProcess(**shared) as other:
        asyncio.run(moved(one, other))
        assert one.exit_code() == 0


def test_so_it_does_with_postgresql(script: dict[str, str]) -> None:
    with PostgresServer(needed_programs()) as postgres:
        shared = {**script, "DATABASE_URL": postgres.new_database()}
        with ServerProcess(**shared) as one, ServerProcess(**shared) as other:
            asyncio.run(moved(one, other))


async def asks_a_server_that_goes(server: ServerProcess) -> None:
    async with calling(server) as client, httpx.AsyncClient() as http:
        await client.until(data="connected")
        await client.say(type="chat", message="one")
        await client.until(type="response_start")
        address = f"http://127.0.0.1:{server.port}"
        assert (await http.get(f"{address}/ready")).status_code == 200
        server.terminate()
        while (ready := await http.get(f"{address}/ready")).status_code == 200:
            await asyncio.sleep(0.01)
        assert ready.status_code == 503
        assert int(ready.headers["Retry-After"]) >= 1
        async with calling(server) as late:
            assert "shutting down" in (await late.until(type="error"))["message"]
            assert (await late.end())[0] == 1013
        await client.until(type="response_complete")


def test_meanwhile_it_lets_nobody_in_and_tells_balancers(script: dict[str, str]) -> None:
    with ServerProcess(**script) as server:
        asyncio.run(asks_a_server_that_goes(server))


async def speaks_while_the_server_goes(server: ServerProcess) -> list[dict[str, Any]]:
    """What is told to somebody who is in the midst of a sentence then."""
    async with calling(server) as client:

        async def speak(level: int, ms: int) -> None:
            for _ in range(0, ms, 20):
                await client.socket.send(pcm(level, 20))
                await asyncio.sleep(0.02)

        await client.until(data="connected")
        speaking = asyncio.create_task(speak(VOICE, 1_500))
        await client.until(type="transcript")
        server.terminate()
        await speaking
        ending = asyncio.create_task(client.end())
        await speak(QUIET, 1_500)
        assert await ending == GONE
        return client.told


def test_whoever_is_speaking_is_heard_out_and_answered(script: dict[str, str]) -> None:
    with ServerProcess(**script, SHUTDOWN_SECONDS="30") as server:
        told = asyncio.run(speaks_while_the_server_goes(server))
        assert server.exit_code() == 0
    assert [one["data"] for one in told if one["type"] == "status"] == [
        *("connected", "generating", "complete", "going_away")
    ]
    spoken = "".join(one["data"] for one in told if one["type"] == "text_chunk")
    assert spoken.endswith("This was the end.")


async def never_falls_silent(server: ServerProcess) -> None:
    async with calling(server) as client:

        async def speak_for_ever() -> None:
            while True:
                await client.socket.send(pcm(VOICE, 20))
                await asyncio.sleep(0.02)

        speaking = asyncio.create_task(speak_for_ever())
        await client.until(type="transcript")
        server.terminate()
        assert await client.end() == GONE
        speaking.cancel()
        await asyncio.wait([speaking])
    assert client.told[-1]["data"] == "going_away"


def test_a_microphone_that_never_falls_silent_keeps_no_server(script: dict[str, str]) -> None:
    with ServerProcess(**script, SHUTDOWN_SECONDS="1") as server:
        asyncio.run(never_falls_silent(server))
        assert server.exit_code() == 0


async def all_lines_are_told(server: ServerProcess) -> None:
    """One is being answered, for the second time, when the server is told to stop, twice."""
    async with (
        calling(server) as ws,
        on_line(server, "/call") as call,
        on_line(server, "/api/voice/ws/chat") as chat,
    ):
        await ws.say(type="chat", message="one")
        await ws.until(type="response_complete")
        await ws.say(type="chat", message="two")
        await ws.until(type="chunk")
        await call.until(type="session_id")
        await call.say(type="start")
        await chat.say(type="ping")
        await chat.until(type="pong")
        server.terminate()
        assert await chat.end() == GONE  # nothing is going on there
        server.terminate()
        assert (await ws.end(), await call.end()) == (GONE, GONE)
    assert ws.told[-1]["data"] == "going_away"
    for client in (call, chat):
        assert (client.told[-1]["type"], client.told[-1]["code"]) == ("error", "going_away")


def test_a_second_signal_ends_it_at_once_and_every_line_is_told_before(
    script: dict[str, str], tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path}/calls.db"
    with ServerProcess(**script, DATABASE_URL=address, SHUTDOWN_SECONDS="60") as server:
        asyncio.run(all_lines_are_told(server))
        assert server.exit_code() == 0
        assert "Shutting down at once" in server.log()
    with closing(sqlite3.connect(tmp_path / "calls.db")) as database:
        turns = database.execute("select user_text, status from turns order by started_at")
        assert turns.fetchall() == [("one", "complete"), ("two", "interrupted")]
        live = database.execute("select count(*) from sessions where status = 'active'")
        assert live.fetchall() == [(0,)]


async def is_told_twice(server: ServerProcess) -> float:
    """How long it takes from the second time on."""
    async with calling(server) as client:
        await client.until(data="connected")
        await client.say(type="chat", message="one")
        await client.until(type="response_start")
        server.terminate()
        await asyncio.sleep(0.1)  # two signals that come at once are one
        server.terminate()
        began = time.monotonic()
        await client.end()
        assert all(told["type"] != "response_complete" for told in client.told)
    await asyncio.to_thread(server.exit_code)
    return time.monotonic() - began


@pytest.mark.engines
@pytest.mark.parametrize("engines", [{}, dict.fromkeys(("VAD", "STT", "TTS"), "scripted")])
def test_a_second_signal_ends_it_at_once_and_nothing_is_left(
    engines: dict[str, str], tmp_path: Path
) -> None:
    slow = tmp_path / "script.toml"
    slow.write_text(SCRIPT.replace("token_ms = 20", "token_ms = 500"))
    scripted = {"LLM": "scripted", "SCRIPT": str(slow), "SHUTDOWN_SECONDS": "60"}
    with ServerProcess(**{**scripted, **engines}) as server:
        family = server.family()
        assert asyncio.run(is_told_twice(server)) < 10
        assert server.exit_code() == 0
        assert [pid for pid in family if is_alive(pid)] == []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
