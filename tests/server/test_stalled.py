"""A client who takes nothing of its answer keeps nobody waiting for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Message

from repartee.calls.clock import now
from repartee.server.stalled import TAKEN_WITHIN_SECONDS, StalledClients
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def streamed() -> ASGIApp:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_000

    return StreamingResponse(pieces())


async def receive() -> Message:
    await anyio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize("answer", [PlainTextResponse("x"), streamed()])
async def test_it_is_given_up(answer: ASGIApp) -> None:
    taken = 0

    async def send(message: Message) -> None:
        nonlocal taken
        taken += 1
        if taken > 1:
            await anyio.sleep_forever()

    began = now()
    await StalledClients(answer)({"type": "http", "method": "GET"}, receive, send)
    assert now() - began == pytest.approx(TAKEN_WITHIN_SECONDS, abs=0.1)


async def test_one_that_is_slow_gets_all_of_it() -> None:
    came: list[Message] = []

    async def send(message: Message) -> None:
        await anyio.sleep(TAKEN_WITHIN_SECONDS - 1)
        came.append(message)

    app = StalledClients(PlainTextResponse("all of it"))
    await app({"type": "http", "method": "GET"}, receive, send)
    assert came[-1]["body"] == b"all of it"


async def test_other_trouble_is_no_business_of_this() -> None:
    async def broken(*_: object) -> None:
        raise OSError("the disk is full")

    async def send(message: Message) -> None:
        """Nothing comes."""

    with pytest.raises(OSError, match="the disk is full"):
        await StalledClients(broken)({"type": "http"}, receive, send)
