"""Lines to the server: how long silence may last, what is never cut off, and who makes room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from repartee.server.limits.connections import Connections
from repartee.server.lines import MOST_HEAD_BYTES, HttpLine, Patience, SocketLine

pytestmark = pytest.mark.anyio

SHORT = Patience(head_seconds=0.5, body_seconds=0.5)
LONG = Patience(head_seconds=60, body_seconds=60)
LONGER_SECONDS = 1.0
"""Than the short patience."""
DRIBBLE_SECONDS = 0.05
WITHIN_SECONDS = 20


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
        while (await receive())["more_body"]:
            pass
        await PlainTextResponse("all read")(scope, receive, send)
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
        line = Line(*await asyncio.open_connection("127.0.0.1", self.number))
        try:
            line.say(text)
            yield line
        finally:
            line.leave()


@asynccontextmanager
async def a_port(known: Connections, patience: Patience = LONG) -> AsyncIterator[Port]:
    sockets: Any = partial(SocketLine, known)
    config = uvicorn.Config(app, ws=sockets, lifespan="off", log_config=None, timeout_keep_alive=15)
    config.load()
    state = ServerState()
    new_line = partial(HttpLine, known, patience, config, state, {})
    server = await asyncio.get_running_loop().create_server(new_line, "127.0.0.1", 0)
    async with server:
        yield Port(server.sockets[0].getsockname()[1], state)


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    """Of a server with little patience."""
    async with a_port(Connections(1_000), SHORT) as port:
        yield port


HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n"
TOO_SLOW = "The request took longer than 0.5 seconds to come. Send it again."


class TestSilence:
    async def test_a_line_on_which_nothing_comes_is_closed_without_a_word(self, port: Port) -> None:
        async with port.line() as line:
            assert await line.rest() == ""

    async def test_so_is_one_that_only_sends_empty_lines(self, port: Port) -> None:
        async with port.line() as line:
            assert await line.rest_while_dribbling("\r\n") == ""

    async def test_headers_that_come_slowly_are_told_that_they_are_late(self, port: Port) -> None:
        async with port.line(HEAD) as line:
            answer = await line.rest_while_dribbling("X-Slow: 1\r\n")
        assert answer.startswith("HTTP/1.1 408 Request Timeout\r\n")
        assert "connection: close\r\n" in answer
        assert TOO_SLOW in answer

    async def test_the_next_request_on_a_line_has_no_more_time(self, port: Port) -> None:
        async with port.line(f"{HEAD}\r\n") as line:
            await line.until("answered")
            line.say(HEAD)
            assert TOO_SLOW in await line.rest_while_dribbling("X-Slow: 1\r\n")

    async def test_nor_is_a_line_kept_with_nothing_after_an_answer(self, port: Port) -> None:
        async with port.line(f"{HEAD}\r\n") as line:
            await line.until("answered")
            assert await line.rest_while_dribbling("\r\n") == ""

    async def test_a_body_that_nobody_reads_may_not_come_for_ever(self, port: Port) -> None:
        async with port.line(f"{HEAD}Content-Length: 1000000\r\n\r\n") as line:
            await line.until("answered")
            assert await line.rest_while_dribbling("x") == ""

    async def test_headers_without_end_are_refused(self, port: Port) -> None:
        async with port.line(HEAD) as line:
            line.say(f"X-Long: {'x' * 1_000}\r\n" * (MOST_HEAD_BYTES // 1_000))
            assert (await line.until("\r\n")).startswith("HTTP/1.1 431 ")

    async def test_but_the_next_request_may_follow_a_long_body(self, port: Port) -> None:
        body = b"x" * 2 * MOST_HEAD_BYTES
        async with port.line(f"{HEAD}Content-Length: {len(body)}\r\n\r\n") as line:
            await line.until("answered")
            (server_end,) = port.state.connections
            server_end.data_received(body + HEAD.encode())  # in one piece, as it may well come
            line.say("\r\n")
            await line.until("answered")

    async def test_for_what_is_left_of_a_body_there_is_the_time_of_bodies(self) -> None:
        async with (
            a_port(Connections(1_000), Patience(head_seconds=0.5, body_seconds=60)) as port,
            port.line(f"{HEAD}Content-Length: 3\r\n\r\n") as line,
        ):
            await line.until("answered")
            line.say("1")
            await anyio.sleep(LONGER_SECONDS)
            line.say(f"23{HEAD}Content-Length: 2\r\n\r\n")
            await line.until("answered")
            line.say("1")
            await anyio.sleep(DRIBBLE_SECONDS)
            line.say("2")
            assert await line.rest() == "", "for the next request there is that of heads again"


class TestWhatLasts:
    async def test_a_long_answer_comes_to_its_end(self, port: Port) -> None:
        async with port.line("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n") as line:
            line.say(HEAD)  # and its headers do not go on
            assert "\r\n3\r\nend\r\n0\r\n" in await line.until("0\r\n\r\n")

    async def test_a_request_that_takes_its_time_within_bounds_is_answered(
        self, port: Port
    ) -> None:
        async with port.line() as line:
            for letter in f"{HEAD}\r\n":
                line.say(letter)
                await asyncio.sleep(0)
            assert "answered" in await line.until("answered")

    async def test_a_body_that_is_read_is_the_business_of_who_reads_it(self, port: Port) -> None:
        async with port.line("POST /read HTTP/1.1\r\nHost: localhost\r\n") as line:
            line.say("Content-Length: 2\r\n\r\n1")
            await anyio.sleep(LONGER_SECONDS)
            line.say("2")
            await line.until("all read")

    async def test_a_socket_may_be_silent(self, port: Port) -> None:
        async with connect(f"ws://127.0.0.1:{port.number}/") as line:
            await anyio.sleep(LONGER_SECONDS)
            await line.send("still here?")
            assert await line.recv() == "still here?"

    async def test_a_line_that_is_used_is_kept(self, port: Port) -> None:
        async with port.line() as line:
            for _ in range(3):
                line.say(f"{HEAD}\r\n")
                await line.until("answered")
                await anyio.sleep(0.2)
            await anyio.sleep(LONGER_SECONDS)
            line.say(f"{HEAD}\r\n")
            await line.until("answered")


class TestRoom:
    async def test_every_line_is_counted_until_it_is_gone(self) -> None:
        known = Connections(1_000)
        async with a_port(known) as port:
            async with port.line(f"{HEAD}\r\n") as line:
                await line.until("answered")
                async with connect(f"ws://127.0.0.1:{port.number}/") as socket:
                    await socket.send("one")
                    await socket.recv()
                    assert len(known) == 2
                with pytest.raises(InvalidStatus):
                    await connect(f"ws://127.0.0.1:{port.number}/denied")
            await _until_empty(known)

    async def test_one_address_that_has_enough_is_told_so(self) -> None:
        async with (
            a_port(Connections(1_000, most_of_one=2)) as port,
            connect(f"ws://127.0.0.1:{port.number}/"),
            connect(f"ws://127.0.0.1:{port.number}/") as second,
            port.line() as third,
        ):
            refusal = await third.rest()
            await second.send("still here?")
            assert await second.recv() == "still here?"
        assert refusal.startswith("HTTP/1.1 429 Too Many Requests\r\n")
        assert "retry-after: 5\r\n" in refusal
        assert "The limit of 2 connections from one address is reached." in refusal

    async def test_who_is_silent_makes_room_for_who_speaks(self) -> None:
        known = Connections(3)
        async with a_port(known) as port:
            async with (
                connect(f"ws://127.0.0.1:{port.number}/") as socket,
                port.line() as first,
                port.line() as second,
                port.line(f"{HEAD}\r\n") as third,
            ):
                await third.until("answered")
                assert await first.rest() == ""
                second.say(f"{HEAD}\r\n")
                await second.until("answered")
                await socket.send("still here?")
                assert await socket.recv() == "still here?"
            await _until_empty(known)

    async def test_where_all_are_at_work_the_newcomer_is_told_to_come_back(self) -> None:
        async with (
            a_port(Connections(1)) as port,
            connect(f"ws://127.0.0.1:{port.number}/"),
            port.line() as late,
        ):
            refusal = await late.rest()
        assert refusal.startswith("HTTP/1.1 503 ")
        assert "retry-after: 5\r\n" in refusal
        assert "The server has all the connections it takes." in refusal


async def test_a_socket_that_was_denied_is_no_fault_of_the_application(
    port: Port, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as denied:
        await connect(f"ws://127.0.0.1:{port.number}/denied")
    assert denied.value.response.status_code == 401
    assert denied.value.response.body == b"no"
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def _until_empty(known: Connections) -> None:
    with anyio.fail_after(WITHIN_SECONDS):
        while len(known):
            await anyio.sleep(0.01)
