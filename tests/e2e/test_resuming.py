"""A line that is lost, and a conversation that goes on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from repartee.testing.server_process import ServerProcess

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
