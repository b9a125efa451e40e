"""Counting what was had within a window that slides."""

from __future__ import annotations

import pytest

from repartee.server.limits.counts import MemoryCounts, Usage, had, seconds_until

pytestmark = pytest.mark.anyio

MINUTE = 60


class Clock:
    def __init__(self) -> None:
        self.now = 6_000_000.0
        """The beginning of a minute."""

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_there_is_so_much_and_no_more(clock: Clock) -> None:
    counts = MemoryCounts(clock)
    assert [await counts.take("me", 4, 10, MINUTE) for _ in range(3)] == [True, True, False]
    assert await counts.take("me", 2, 10, MINUTE)  # what was refused has cost nothing
    assert not await counts.take("me", 1, 10, MINUTE)
    assert await counts.take("you", 10, 10, MINUTE)


async def test_around_the_turn_of_a_window_nobody_gets_twice_as_much(clock: Clock) -> None:
    counts = MemoryCounts(clock)
    clock.now += 59
    assert await counts.take("me", 10, 10, MINUTE)
    clock.now += 2
    assert not await counts.take("me", 1, 10, MINUTE)
    clock.now += 29.1
    assert await counts.take("me", 5, 10, MINUTE)
    assert not await counts.take("me", 1, 10, MINUTE)


async def test_after_two_windows_all_is_forgotten(clock: Clock) -> None:
    counts = MemoryCounts(clock)
    await counts.take("me", 10, 10, MINUTE)
    clock.now += 120
    assert await counts.usage("me", MINUTE) == Usage(0, 0, 60)


@pytest.mark.parametrize("cost", [1, 4, 10])
@pytest.mark.parametrize("before", [0, 3, 10])
@pytest.mark.parametrize("current", [0, 6, 10])
@pytest.mark.parametrize("into_it", [0, 20, 59])
async def test_whoever_comes_back_when_told_is_let_in_and_no_earlier(
    cost: int, before: int, current: int, into_it: float, clock: Clock
) -> None:
    counts = MemoryCounts(clock)
    if before:
        await counts.take("me", before, 1_000, MINUTE)
    clock.now += MINUTE + into_it
    if current:
        await counts.take("me", current, 1_000, MINUTE)
    wait = seconds_until(await counts.usage("me", MINUTE), cost, 10, MINUTE)
    if wait > 0.01:
        clock.now += wait - 0.01
        assert not await counts.take("me", cost, 10, MINUTE)
        clock.now += 0.01
    clock.now += 0.01
    assert await counts.take("me", cost, 10, MINUTE)


async def test_strangers_with_many_addresses_do_not_fill_the_memory(clock: Clock) -> None:
    counts = MemoryCounts(clock, most_callers=100)
    for number in range(1_000):
        await counts.take(f"stranger {number}", 1, 10, MINUTE)
    assert repr(counts) == "<MemoryCounts of 100>"
    assert had(await counts.usage("stranger 999", MINUTE), MINUTE) == 1
