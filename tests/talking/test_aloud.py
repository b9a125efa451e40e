"""Talking with devices and keys: the devices are played here, and the server is a few lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from repartee.dialects.ws import WsDialect
from repartee.errors import ReparteeError
from repartee.talking import line
from repartee.talking.aloud import Talk
from repartee.talking.devices import Opened

pytestmark = pytest.mark.anyio

SECOND = np.ones(24_000, np.int16)


class Server:
    """Greets, and notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.visits = 0
        self._socket: ServerConnection | None = None

    async def answer(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.visits += 1
        await socket.send(str(WsDialect().greet("x")))
        async for frame in socket:
            self.told.append(json.loads(frame) if isinstance(frame, str) else frame)

    async def say(self, *messages: dict[str, Any] | str | bytes) -> None:
        assert self._socket is not None
        for message in messages:
            frame = json.dumps(message) if isinstance(message, dict) else message
            await self._socket.send(frame)

    async def leave(self) -> None:
        assert self._socket is not None
        await self._socket.close()


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Talk, Server]]:
    server = Server()
    async with serve(server.answer, "127.0.0.1", 0) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        talk = Talk(f"ws://127.0.0.1:{port}/ws")
        task = asyncio.create_task(talk.run(Opened(0.0, asyncio.Event()), True))
        try:
            await until(lambda: server.visits == 1)
            yield talk, server
        finally:
            talk.press("q\r")
            async with asyncio.timeout(5):
                await task


async def test_what_is_typed_is_asked_and_the_answer_is_shown_as_it_is_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with talking() as (talk, server):
        talk.press("my question\r")
        await until(lambda: server.told)
        assert server.told == [{"type": "chat", "message": "my question"}]
        await server.say(
            {"type": "response_start", "reply": 1},
            {"type": "chunk", "reply": 1, "data": {"type": "text", "data": "Yes."}},
            WsDialect().render_unit(1, "Yes.", SECOND),
            {"type": "response_complete", "reply": 1},
        )
        await until(lambda: talk.playout.busy)
        talk.playout.take(30_000)
        await until(lambda: {"type": "played", "reply": 1, "ms": 1_000} in server.told)
    assert capsys.readouterr().out == "you  my question\n     Yes.\n"


async def test_a_key_silences_the_reply() -> None:
    async with talking() as (talk, server):
        await server.say(
            {"type": "status", "data": "generating", "reply": 1},
            WsDialect().render_sound(1, SECOND, "Yes."),
        )
        await until(lambda: talk.playout.busy)
        talk.playout.take(12_000)
        talk.press(" ")
        assert not talk.playout.busy
        await until(lambda: {"type": "interrupt"} in server.told)
        assert {"type": "played", "reply": 1, "ms": 500} in server.told


async def test_the_microphone_is_heard_unless_it_is_muted() -> None:
    async with talking() as (talk, server):
        talk.hear(np.ones(2, np.int16))
        await until(lambda: server.told)
        talk.press("m\r")
        talk.hear(np.ones(4, np.int16))
        talk.press("m\r")
        talk.hear(np.ones(3, np.int16))
        await until(lambda: len(server.told) == 2)
        assert server.told == [b"\1\0" * 2, b"\1\0" * 3]


async def test_a_server_that_goes_away_is_found_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(line, "FIRST_WAIT_SECONDS", 0.0)
    async with talking() as (_, server):
        await server.leave()
        await until(lambda: server.visits == 2)
    assert "The connection was lost." in capsys.readouterr().out


async def test_a_line_without_a_server_is_not_lost_silently(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(line, "FIRST_WAIT_SECONDS", 60.0)
    async with talking() as (talk, server):
        await server.leave()
        await until(lambda: "lost" in capsys.readouterr().out)
        talk.press("Hello?\r")
    assert "There is no connection just now; nothing was sent." in capsys.readouterr().out


async def test_a_device_that_is_taken_away_ends_it() -> None:
    gone = asyncio.Event()
    gone.set()
    with pytest.raises(ReparteeError, match="has been taken away"):
        await Talk("ws://127.0.0.1:1/ws").run(Opened(0.0, gone), True)
