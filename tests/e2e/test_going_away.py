"""A server that is told to stop: who talks to it is heard out, sent away, and goes on elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from repartee.testing.server_process import ServerProcess
from tests.store.postgres_server import PostgresServer, find_programs

SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
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
    query = f"?resume={resume}" if resume else ""
    async with connect(f"{server.url}{query}", compression=None) as socket:
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
        assert (code, reason) == (1001, "The call has ended. Connect again any time.")
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


@pytest.mark.skipif(find_programs() is None, reason="there is no PostgreSQL on this machine")
def test_so_it_does_with_postgresql(script: dict[str, str]) -> None:
    programs = find_programs()
    assert programs is not None
    with PostgresServer(programs) as postgres:
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
