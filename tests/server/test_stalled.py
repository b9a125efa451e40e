"""A client who takes nothing of its answer keeps no line for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest

from repartee.server.stalled import TAKEN_WITHIN_SECONDS, TimedTransport
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

ALL = TAKEN_WITHIN_SECONDS
A_LITTLE = 1.0


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Outside(asyncio.Transport):
    """What was written waits here until the client takes it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0
        self.closed = self.aborted = False

    def write(self, data: Any) -> None:
        self.waiting += len(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def take(self, number: int) -> None:
        self.waiting -= min(number, self.waiting)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.closed or self.aborted


@pytest.fixture
def outside() -> Outside:
    return Outside()


def timed(outside: Outside) -> TimedTransport:
    return TimedTransport(outside, asyncio.get_running_loop())


@pytest.mark.parametrize("number", [1, 8_000_000])
async def test_who_takes_nothing_is_given_up(outside: Outside, number: int) -> None:
    timed(outside).write(bytes(number))
    await anyio.sleep(ALL - A_LITTLE)
    assert not outside.aborted
    await anyio.sleep(2 * A_LITTLE)
    assert outside.aborted


async def test_so_it_is_on_a_line_that_was_closed(outside: Outside) -> None:
    line = timed(outside)
    line.write(b"some")
    await anyio.sleep(ALL / 2 - A_LITTLE)
    line.close()
    await anyio.sleep(ALL)
    assert outside.aborted


async def test_a_byte_now_and_then_is_not_enough(outside: Outside) -> None:
    timed(outside).write(bytes(8_000_000))
    for _ in range(5):
        await anyio.sleep(ALL / 4)
        outside.take(100)
    assert outside.aborted


async def test_one_that_is_slow_gets_all_of_it(outside: Outside) -> None:
    timed(outside).write(bytes(1_000_000))
    while outside.waiting:
        await anyio.sleep(ALL / 2)
        outside.take(40_000)
    await anyio.sleep(2 * ALL)
    assert not outside.aborted


async def test_what_was_written_just_now_has_all_the_time(outside: Outside) -> None:
    line = timed(outside)
    line.write(b"some")
    outside.take(4)
    await anyio.sleep(ALL / 2 - A_LITTLE)
    line.write(bytes(8_000_000))
    await anyio.sleep(ALL / 2)
    assert not outside.aborted


async def test_a_line_that_is_gone_is_looked_at_no_more(outside: Outside) -> None:
    line = timed(outside)
    line.write(b"some")
    line.lost()
    await anyio.sleep(2 * ALL)
    assert not outside.aborted


async def test_what_comes_after_the_end_goes_nowhere(outside: Outside) -> None:
    line = timed(outside)
    line.close()
    line.write(b"some")
    assert outside.waiting == 0
