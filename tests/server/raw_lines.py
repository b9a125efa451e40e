"""A port whose lines are the server's, before a small application, and clients who say on them what
they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import uvicorn
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.server import ServerState

from repartee.server.limits.connections import Connections
from repartee.server.lines import HttpLine, Patience
from repartee.server.socket_lines import SocketLine

SHORT = Patience(head_seconds=0.5, body_seconds=0.5)
HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n"
LONG = Patience(head_seconds=60, body_seconds=60)
LONGER_SECONDS = 1.0
"""Than the short patience."""
DRIBBLE_SECONDS = 0.05
WITHIN_SECONDS = 20
LARGE = b"x" * 8_000_000
"""More than waits between two machines."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await _socket(WebSocket(scope, receive, send))
    elif scope["path"] == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for word in (b"to ", b"the "):
            await send({"type": "http.response.body", "body": word, "more_body": True})
            await anyio.sleep(LONGER_SECONDS)
        await send({"type": "http.response.body", "body": b"end"})
    elif scope["path"] == "/read":
        while (message := await receive()).get("more_body"):
            pass
        said = "all read" if message["type"] == "http.request" else "the client is gone"
        await PlainTextResponse(said)(scope, receive, send)
    elif scope["path"] == "/until-gone":
        while (await receive())["type"] != "http.disconnect":
            pass
    elif scope["path"] == "/large":
        await Response(LARGE)(scope, receive, send)
    else:
        await PlainTextResponse("answered")(scope, receive, send)


async def _socket(socket: WebSocket) -> None:
    if socket.url.path == "/denied":
        await socket.send_denial_response(PlainTextResponse("no", 401))
        return
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        await socket.send_text(message["text"])


class Line:
    """A client that says what it likes, when it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, text: str) -> None:
        self._writer.write(text.encode())

    async def until(self, text: str) -> str:
        with anyio.fail_after(WITHIN_SECONDS):
            return (await self._reader.readuntil(text.encode())).decode()

    async def rest(self) -> str:
        """All that comes until the server ends the line."""
        with anyio.fail_after(WITHIN_SECONDS):
            return (await self._reader.read()).decode()

    async def rest_while_dribbling(self, drop: str) -> str:
        with anyio.fail_after(WITHIN_SECONDS):
            ending = asyncio.ensure_future(self.rest())
            while not ending.done():
                self.say(drop)
                await asyncio.wait([ending], timeout=DRIBBLE_SECONDS)
            return await ending

    def leave(self) -> None:
        self._writer.close()


class Port:
    def __init__(self, number: int, state: ServerState) -> None:
        self.number = number
        self.state = state

    @asynccontextmanager
    async def line(self, text: str = "") -> AsyncIterator[Line]:
        line = Line(*await asyncio.open_connection("127.0.0.1", self.number, limit=2 * len(LARGE)))
        try:
            line.say(text)
            yield line
        finally:
            line.leave()


@asynccontextmanager
async def a_port(known: Connections, patience: Patience = LONG) -> AsyncIterator[Port]:
    sockets: Any = partial(SocketLine, known)
    config = uvicorn.Config(app, ws=sockets, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    new_line = partial(HttpLine, known, patience, config, state, {})
    server = await asyncio.get_running_loop().create_server(new_line, "127.0.0.1", 0)
    async with server:
        yield Port(server.sockets[0].getsockname()[1], state)


async def until_empty(known: Connections) -> None:
    with anyio.fail_after(WITHIN_SECONDS):
        while len(known):
            await anyio.sleep(0.01)
