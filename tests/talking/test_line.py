"""The connection: what goes over it, and how it comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from repartee.errors import ReparteeError
from repartee.talking import line as module
from repartee.talking import wire
from repartee.talking.line import LONGEST_WAIT_SECONDS, MOST_WAITING, Line, wait_seconds

pytestmark = pytest.mark.anyio

GREETING = json.dumps({"type": "status", "data": "connected", "session_id": "x"})


@asynccontextmanager
async def server(answer: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    async with serve(answer, "127.0.0.1", 0) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"


async def hold(socket: ServerConnection) -> None:
    await socket.send(GREETING)
    async for _ in socket:
        pass


class Watched:
    """A line whose states and messages are noted."""

    def __init__(self, url: str, *, key: str = "", comes_back: bool = True) -> None:
        self.states: list[str] = []
        self.said: list[wire.Said] = []
        self._changed = asyncio.Event()
        self.line = Line(url, self._told, self._became, key=key, comes_back=comes_back)

    def _told(self, said: wire.Said) -> None:
        self.said.append(said)
        self._changed.set()

    def _became(self, state: str) -> None:
        self.states.append(state)
        self._changed.set()

    async def until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not wanted():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(watched: Watched) -> AsyncIterator[Watched]:
    task = asyncio.create_task(watched.line.run())
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_wishes_first_and_then_in_order() -> None:
    got: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def note(socket: ServerConnection) -> None:
        await socket.send("no message")
        await socket.send(GREETING)
        async for frame in socket:
            got.put_nowait(frame)

    async with server(note) as url, running(Watched(url)) as watched:
        await watched.until(lambda: watched.states == ["connecting", "open"])
        assert watched.said == [wire.Connected()]
        watched.line.send("one")
        assert watched.line.send_sound(b"two")
        assert [await got.get() for _ in range(2)] == ["one", b"two"]


async def test_it_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_SECONDS", 0.0)
    visits = 0

    async def leave_once(socket: ServerConnection) -> None:
        nonlocal visits
        visits += 1
        await socket.send(GREETING)
        if visits > 1:
            await socket.wait_closed()

    async with server(leave_once) as url, running(Watched(url)) as watched:
        await watched.until(lambda: watched.states.count("open") == 2)
        assert watched.states == ["connecting", "open", "waiting", "connecting", "open"]


async def test_one_that_does_not_come_back_says_so() -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.send(GREETING)

    async with server(leave) as url:
        with pytest.raises(ReparteeError, match="went away"):
            await Watched(url, comes_back=False).line.run()


@pytest.mark.parametrize("code", [1000, 1013])
async def test_a_server_that_has_no_room_is_told_apart(code: int) -> None:
    async def turn_away(socket: ServerConnection) -> None:
        await socket.send('{"type":"error","data":"No room."}')
        await socket.close(code)

    async with server(turn_away) as url:
        watched = Watched(url)
        with pytest.raises(ReparteeError, match="hung up at once"):
            await watched.line.run()
        assert watched.said == [wire.Complained("No room.")]


async def test_without_a_server_it_is_said_how_to_start_one() -> None:
    async with server(hold) as url:
        pass
    with pytest.raises(ReparteeError, match=r"No server answers at ws.*Start one with: repartee"):
        await Watched(url).line.run()


async def test_what_speaks_no_websocket_is_no_repartee() -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(web, "127.0.0.1", 0) as running_server:
        port = running_server.sockets[0].getsockname()[1]
        with pytest.raises(ReparteeError, match="is no Repartee"):
            await Watched(f"ws://127.0.0.1:{port}/ws").line.run()


async def test_nothing_piles_up_for_a_server_that_is_not_there() -> None:
    line = Watched("ws://127.0.0.1:1/ws").line
    line.send("one")
    assert not line.send_sound(b"")


async def test_sound_that_is_not_taken_is_left_out() -> None:
    async with server(hold) as url, running(Watched(url)) as watched:
        await watched.until(lambda: "open" in watched.states)
        taken = [watched.line.send_sound(b"x" * 640) for _ in range(MOST_WAITING + 10)]
        assert taken.count(True) in (MOST_WAITING - 1, MOST_WAITING)
        assert not taken[-1]


def test_waits_grow_up_to_a_limit_and_differ() -> None:
    waits = [wait_seconds(failures, 1.0) for failures in range(100)]
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert max(waits) == waits[-1] == LONGEST_WAIT_SECONDS
    assert wait_seconds(3, 0.0) == wait_seconds(3, 1.0) / 2


@pytest.mark.parametrize(
    ("key", "hint"), [("", "set REPARTEE_KEY"), ("rk_old", "REPARTEE_KEY is not known there")]
)
async def test_a_server_that_asks_for_a_key_is_shown_it_or_said_to_ask(key: str, hint: str) -> None:
    def answer(socket: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Authorization") == "Bearer rk_right":
            return None
        return socket.respond(HTTPStatus.UNAUTHORIZED, "")

    async with serve(hold, "127.0.0.1", 0, process_request=answer) as running_server:
        port = next(iter(running_server.sockets)).getsockname()[1]
        url = f"ws://127.0.0.1:{port}/ws"
        with pytest.raises(ReparteeError, match=f"asks for a key.*{hint}"):
            await Watched(url, key=key).line.run()
        async with running(Watched(url, key="rk_right")) as watched:
            await watched.until(lambda: "open" in watched.states)
