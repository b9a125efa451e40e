"""From functions that block to async iterators."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from repartee.engines.blocking import Crew, Line
from repartee.errors import EngineFailed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    crew = Crew("testing", 2)
    yield crew
    await crew.close()


async def test_items_arrive_in_order(crew: Crew) -> None:
    def count(line: Line[int]) -> None:
        for number in range(100):
            assert line.put(number)

    got = [item async for item in crew.stream(count, room=3, at_end=lambda: None)]

    assert got == list(range(100))


async def test_what_goes_wrong_in_the_thread_is_raised_after_the_items(crew: Crew) -> None:
    def fail(line: Line[int]) -> None:
        line.put(1)
        raise EngineFailed("It broke.")

    pieces = crew.stream(fail, room=3, at_end=lambda: None)

    assert await anext(pieces) == 1
    with pytest.raises(EngineFailed, match="It broke"):
        await anext(pieces)


@pytest.mark.parametrize("room", [1, 1000])
async def test_a_reader_who_leaves_stops_the_work(crew: Crew, room: int) -> None:
    ended = asyncio.Event()

    def forever(line: Line[int]) -> None:
        while line.put(0):
            pass

    pieces = crew.stream(forever, room=room, at_end=ended.set)
    async with contextlib.aclosing(pieces):
        assert await anext(pieces) == 0
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_cancelled_reader_stops_the_work(crew: Crew) -> None:
    ended, started = asyncio.Event(), asyncio.Event()

    def forever(line: Line[int]) -> None:
        while line.put(0):
            pass

    async def read() -> None:
        async for _ in crew.stream(forever, room=5, at_end=ended.set):
            started.set()

    reader = asyncio.create_task(read())
    await started.wait()
    reader.cancel()
    await asyncio.wait_for(ended.wait(), 5)


async def test_work_for_a_reader_who_has_left_never_begins() -> None:
    crew = Crew("testing", 1)
    busy, may_end, ended = threading.Event(), threading.Event(), asyncio.Event()
    begun: list[str] = []

    def keep_busy() -> None:
        busy.set()
        assert may_end.wait(10)

    def work(line: Line[int]) -> None:
        begun.append("work")

    first = asyncio.ensure_future(crew.run(keep_busy))
    await asyncio.to_thread(busy.wait, 10)
    reader = asyncio.ensure_future(anext(crew.stream(work, room=1, at_end=ended.set)))
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    may_end.set()
    await first
    await crew.close()

    assert begun == []


async def test_a_bell_rings_in_the_thread_of_a_reader_who_leaves(crew: Crew) -> None:
    rung = threading.Event()

    def deaf(line: Line[int]) -> None:
        with line.bell(rung.set):
            line.put(1)
            assert rung.wait(10)

    pieces = crew.stream(deaf, room=3, at_end=lambda: None)
    async with contextlib.aclosing(pieces):
        assert await anext(pieces) == 1
        assert not rung.is_set()
    assert rung.is_set()


async def test_a_bell_rings_at_once_where_nobody_is_left() -> None:
    line: Line[int] = Line(1)
    line.leave()
    rung = threading.Event()
    with line.bell(rung.set):
        assert rung.is_set()


async def test_a_reader_who_is_slow_holds_the_thread_up() -> None:
    crew = Crew("testing", 1)
    put: list[int] = []
    full = threading.Event()

    def eager(line: Line[int]) -> None:
        while line.put(len(put)):
            put.append(len(put))
            if len(put) == 4:
                full.set()

    pieces = crew.stream(eager, room=4, at_end=lambda: None)
    first = asyncio.ensure_future(anext(pieces))
    await asyncio.to_thread(full.wait, 5)
    await first
    await crew.close()

    assert 4 <= len(put) <= 5


async def test_closing_ends_what_is_running() -> None:
    crew = Crew("testing", 1)

    def forever(line: Line[int]) -> None:
        while line.put(0):
            pass

    pieces = crew.stream(forever, room=1, at_end=lambda: None)
    await anext(pieces)
    await asyncio.wait_for(crew.close(), 5)
    await pieces.aclose()

    with pytest.raises(EngineFailed, match="closed"):
        await crew.run(lambda: 1)
