"""A line that is lost, and a conversation that goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from repartee.store.heartbeat import SILENT_SECONDS
from repartee.testing.server_process import ServerProcess
from tests.store.postgres_server import PostgresServer, needed_programs

SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")


async def asked(url: str, message: str) -> dict[str, Any]:
    """Ask something by typing; gives the greeting."""
    async with connect(url, compression=None) as socket:
        greeting: dict[str, Any] = json.loads(await socket.recv())
        await socket.send(json.dumps({"type": "chat", "message": message}))
        async for raw in socket:
            if json.loads(raw)["type"] == "response_complete":
                break
    return greeting


def turns_of(server: ServerProcess, session_id: str) -> list[str]:
    address = f"http://127.0.0.1:{server.port}/sessions/{session_id}/turns"
    return [turn["user_text"] for turn in httpx.get(address).json()]


def test_a_conversation_outlives_its_line_and_its_server(tmp_path: Path) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/calls.db"}
    with ServerProcess(**SCRIPTED, **database) as server:
        session_id = asyncio.run(asked(server.url, "one"))["session_id"]
        again = asyncio.run(asked(f"{server.url}?resume={session_id}", "two"))
        assert again["session_id"] == session_id
    with ServerProcess(**SCRIPTED, **database) as server:
        again = asyncio.run(asked(f"{server.url}?resume={session_id}", "three"))
        assert again["session_id"] == session_id
        assert turns_of(server, session_id) == ["one", "two", "three"]
        stranger = asyncio.run(asked(f"{server.url}?resume=nonsense", "four"))
        assert stranger["session_id"] != session_id


# ---------------------------------------------------------------- on several servers at once


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer(needed_programs()) as server:
        yield server


async def ask(socket: ClientConnection, message: str) -> None:
    await socket.send(json.dumps({"type": "chat", "message": message}))


async def until(socket: ClientConnection, kind: str) -> None:
    async for raw in socket:
        if json.loads(raw)["type"] == kind:
            return


async def end_of(socket: ClientConnection) -> tuple[int | None, str | None]:
    with suppress(ConnectionClosed):
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    return socket.close_code, socket.close_reason


async def comes_back_elsewhere(one: ServerProcess, other: ServerProcess) -> str:
    """With the old line still open, on which something is said once more."""
    async with connect(one.url, compression=None) as old:
        session_id = json.loads(await old.recv())["session_id"]
        await ask(old, "one")
        await until(old, "response_complete")
        async with connect(f"{other.url}?resume={session_id}", compression=None) as new:
            assert json.loads(await new.recv())["session_id"] == session_id
            await ask(new, "two")
            await until(new, "response_complete")
            await ask(old, "on the old line")
            assert await end_of(old) == (1013, "This conversation goes on on another line.")
            await ask(new, "three")
            await until(new, "response_complete")
    return str(session_id)


def test_the_newest_line_has_the_conversation(postgres: PostgresServer) -> None:
    shared = {**SCRIPTED, "DATABASE_URL": postgres.new_database()}
    with ServerProcess(**shared) as one, ServerProcess(**shared) as other:
        session_id = asyncio.run(comes_back_elsewhere(one, other))
        assert turns_of(other, session_id) == ["one", "two", "three"]


async def time_goes_by(database: str, seconds: float) -> None:
    """For the signs of life that were given so far."""
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE signs_of_life SET seen_at = seen_at - $1", seconds)
    await connection.close()


def status_of(server: ServerProcess, session_id: str) -> str:
    address = f"http://127.0.0.1:{server.port}/sessions/{session_id}"
    return str(httpx.get(address).json()["status"])


async def is_left_alone_while_it_lives(one: ServerProcess, shared: dict[str, str]) -> str:
    async with connect(one.url, compression=None, close_timeout=0) as socket:
        session_id = str(json.loads(await socket.recv())["session_id"])
        await ask(socket, "one")
        await until(socket, "response_complete")
        with ServerProcess(**shared) as other:
            assert status_of(other, session_id) == "active"
        one.kill()
    return session_id


def test_what_a_killed_server_served_is_closed_by_another_one(postgres: PostgresServer) -> None:
    shared = {**SCRIPTED, "DATABASE_URL": postgres.new_database()}
    with ServerProcess(**shared) as one:
        session_id = asyncio.run(is_left_alone_while_it_lives(one, shared))
    asyncio.run(time_goes_by(shared["DATABASE_URL"], SILENT_SECONDS))
    with ServerProcess(**shared) as other:
        assert status_of(other, session_id) == "abandoned"
        assert turns_of(other, session_id) == ["one"]
