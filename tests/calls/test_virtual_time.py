"""The clock that the tests of calls go by."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest

from repartee.calls.clock import now
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend, NothingWillHappen, VirtualLoop

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


async def test_an_hour_passes_at_once_and_to_the_instant() -> None:
    began = now()
    await asyncio.sleep(3_600)
    assert now() - began == pytest.approx(3_600, abs=1e-6)


async def test_timers_come_in_their_order() -> None:
    came: list[tuple[str, float]] = []
    began = now()

    async def come(name: str, after: float) -> None:
        await asyncio.sleep(after)
        came.append((name, round(now() - began, 6)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(come, "last", 0.3)
        tasks.start_soon(come, "first", 0.1)
        tasks.start_soon(come, "second", 0.2)
    assert came == [("first", 0.1), ("second", 0.2), ("last", 0.3)]


async def test_time_outs_go_by_it_too() -> None:
    began = now()
    with pytest.raises(TimeoutError), anyio.fail_after(5):
        await anyio.sleep_forever()
    assert now() - began == pytest.approx(5)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_elsewhere_the_clock_is_the_real_one() -> None:
    assert now() == pytest.approx(time.monotonic(), abs=10)


async def ticks_forever() -> None:
    while True:
        await asyncio.sleep(1_000)


@pytest.mark.parametrize("waits", [anyio.sleep_forever, ticks_forever])
def test_waiting_for_nothing_is_a_failure_and_not_a_wait(
    waits: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    cleaned_up: list[float] = []

    async def wait() -> None:
        try:
            await waits()
        finally:
            await asyncio.sleep(1)
            cleaned_up.append(now())

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(NothingWillHappen):
        runner.run(wait())
    assert len(cleaned_up) == 1
