"""A server in a process of its own, given the same frames over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect

from repartee.testing.server_process import ServerProcess
from tests.fuzz.budget import patiently, tries
from tests.fuzz.test_sockets import TO_CALL, TO_WS
from tests.fuzz.values import broken_recordings, mutated, sound

pytestmark = patiently

AT_ONCE = 20
SCRIPTED = {"VAD": "scripted", "STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
LIKE_A_BROWSER: dict[str, Any] = {"compression": None, "max_size": None, "max_queue": None}
"""It takes whatever comes, at once."""

frames = st.one_of(mutated(TO_WS), mutated(TO_CALL), sound, broken_recordings(4_000))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """It speaks fast: what is said to it may be long, and it repeats it."""
    script = tmp_path_factory.mktemp("script") / "script.toml"
    script.write_text("[tts]\nletter_ms = 1")
    with ServerProcess(**SCRIPTED, SCRIPT=str(script)) as it:
        yield it


@given(st.lists(frames, min_size=AT_ONCE, max_size=AT_ONCE))
@tries(0.06, AT_ONCE)
def test_it_serves_whoever_comes_next(server: ServerProcess, some: list[str | bytes]) -> None:
    asyncio.run(_bother(server, some))


async def _bother(server: ServerProcess, some: list[str | bytes]) -> None:
    for path in ("/ws", "/call", "/api/voice/ws/chat"):
        async with connect(server.socket_at(path), **LIKE_A_BROWSER) as socket:
            for frame in some:
                with suppress(UnicodeEncodeError):  # it can't be sent at all
                    await socket.send(frame)
            await socket.send('{"type": "ping"}')
            async with asyncio.timeout(20):
                while json.loads(await socket.recv())["type"] != "pong":
                    pass
    await _ask(server)


async def _ask(server: ServerProcess) -> None:
    async with connect(server.url, **LIKE_A_BROWSER) as socket:
        await socket.send('{"type": "chat", "message": "Are you there?"}')
        async with asyncio.timeout(20):
            while json.loads(await socket.recv())["type"] != "response_complete":
                pass


RAW = (
    b"GET /ws HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nthat is all",
    b"GET /" + b"a" * 100_000,
    b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: !!!\r\n\r\n",
    b"\0" * 5_000,
)


@pytest.mark.parametrize("data", RAW, ids=range(len(RAW)))
def test_what_is_no_request_at_all(server: ServerProcess, data: bytes) -> None:
    async def bother() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(data)
        with suppress(ConnectionError):
            await writer.drain()
        writer.write_eof()
        answer = b""
        with suppress(ConnectionError, TimeoutError):
            answer = await asyncio.wait_for(reader.read(100_000), 5)
        writer.close()
        assert b"Traceback" not in answer
        await _ask(server)

    asyncio.run(bother())


def test_nothing_broke_in_it(server: ServerProcess) -> None:
    """This comes last: nothing that was sent has left a trace of a fault in its log."""
    log = server.log()
    assert "Traceback" not in log, log[log.find("Traceback") - 300 :][:3_000]
    assert '"level": "error"' not in server.log()
    assert '"level": "info"' in server.log()
