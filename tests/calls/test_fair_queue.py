"""So many at a time, and those who wait are let in payer by payer."""

from __future__ import annotations

import asyncio
import random

import anyio
import pytest
from anyio.abc import TaskGroup

from repartee.calls.fair_queue import MOST_WAITING, FairQueue
from repartee.calls.refusals import LimitReached, TryLater
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import paid_by

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Workplace:
    """`done` is whose work was done, in that order."""

    def __init__(self, at_once: int = 1) -> None:
        self.queue = FairQueue(at_once, "work")
        self.done: list[str] = []

    async def work(self, who: str, seconds: float = 1.0, parts: int = 1) -> None:
        with paid_by(who):
            async with self.queue.place() as let_others:
                for part in range(parts):
                    if part:
                        await let_others()
                    await anyio.sleep(seconds)
                    self.done.append(who)

    def begin(self, tasks: TaskGroup, who: str, times: int = 1, parts: int = 1) -> None:
        for _ in range(times):
            tasks.start_soon(self.work, who, 1.0, parts)


class TestTurns:
    async def test_one_alone_waits_for_nothing_but_its_own(self) -> None:
        place = Workplace(at_once=2)
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "ada", 10)
        assert anyio.current_time() - began == pytest.approx(5.0)

    async def test_whoever_comes_later_waits_for_one_and_not_for_thirty(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "greedy", 30)
            await anyio.sleep(0.5)
            place.begin(tasks, "modest", 2)
        assert place.done[:6] == ["greedy", "greedy", "modest", "greedy", "modest", "greedy"]

    async def test_each_has_as_many_as_the_others(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            for who in ("a", "b", "c"):
                place.begin(tasks, who, 9)
        assert {tuple(sorted(place.done[at : at + 3])) for at in range(1, 25, 3)} == {
            ("a", "b", "c")
        }

    async def test_those_who_are_nobody_in_particular_keep_their_order(self) -> None:
        queue, order = FairQueue(1, "work"), []

        async def work(number: int) -> None:
            async with queue.place():
                await anyio.sleep(1)
                order.append(number)

        async with anyio.create_task_group() as tasks:
            for number in range(MOST_WAITING + 1):
                tasks.start_soon(work, number)
        assert order == list(range(MOST_WAITING + 1))


class TestLongWork:
    async def test_lets_others_go_first_in_the_middle(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "long", parts=4)
            await anyio.sleep(0.5)
            place.begin(tasks, "short", 2)
        assert place.done == ["long", "short", "long", "short", "long", "long"]

    async def test_but_not_its_own_payers_next_work(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "long", 2, parts=3)
            await anyio.sleep(0.5)
            place.begin(tasks, "short", 1)
        assert place.done == ["long", "short", *["long"] * 5]
        assert repr(place.queue) == "<FairQueue, 1 of 1 free, 0 wait>"

    async def test_it_may_be_given_up_while_others_work(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            long = anyio.CancelScope()

            async def begin() -> None:
                with long:
                    await place.work("long", parts=3)

            tasks.start_soon(begin)
            await anyio.sleep(0.5)
            place.begin(tasks, "short")
            await anyio.sleep(1.0)
            long.cancel()
        assert place.done == ["long", "short"]
        assert repr(place.queue) == "<FairQueue, 1 of 1 free, 0 wait>"


async def test_whoever_is_let_in_and_leaves_in_the_same_moment_takes_no_place_along() -> None:
    queue = FairQueue(1, "work")
    await queue.enter()
    coming = asyncio.create_task(queue.enter())
    await anyio.sleep(1)
    queue.leave()
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming
    assert repr(queue) == "<FairQueue, 1 of 1 free, 0 wait>"


class TestTooMany:
    async def test_one_payer_has_half_of_the_waiting_room_and_is_told_when_to_come(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "greedy", 1 + MOST_WAITING // 2)
            await anyio.sleep(5.5)
            place.begin(tasks, "greedy", 5)
            place.begin(tasks, "modest", 1)
            await anyio.sleep(0.1)
            with pytest.raises(LimitReached, match=r"^Your share .* 32 of 64") as refused:
                await place.work("greedy")
            await anyio.sleep(refused.value.retry_after_s)
            place.begin(tasks, "greedy")
        assert len(place.done) == 1 + 32 + 5 + 1 + 1

    async def test_whose_turn_comes_among_others_is_told_to_come_so_much_later(self) -> None:
        """Of theirs one is let in for each one of every other line."""
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "greedy", 1 + 13)
            for who in ("a", "b", "c"):
                place.begin(tasks, who, 13)
            await anyio.sleep(0.5)
            with pytest.raises(LimitReached) as refused:
                await place.work("greedy")
            assert refused.value.retry_after_s == 4
            await anyio.sleep(4)
            place.begin(tasks, "greedy")
        assert len(place.done) == 1 + 4 * 13 + 1

    async def test_all_together_can_fill_it(self) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            place.begin(tasks, "", 1 + MOST_WAITING)
            await anyio.sleep(0.5)
            with pytest.raises(TryLater, match=r"^All 64 places for work are taken") as refused:
                await place.work("modest")
            await anyio.sleep(refused.value.retry_after_s)
            await place.work("modest")
            tasks.cancel_scope.cancel()
        assert place.queue.free == 1

    async def test_who_is_refused_behind_long_work_is_not_told_to_come_in_a_second(
        self,
    ) -> None:
        place = Workplace()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(place.work, "long", 100.0)
            await anyio.sleep(0.1)
            place.begin(tasks, "", MOST_WAITING)
            await anyio.sleep(50)
            with pytest.raises(TryLater) as refused:
                await place.work("modest")
            assert refused.value.retry_after_s > 50
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_comes_and_goes_when_they_like_no_place_is_lost_or_made(seed: int) -> None:
    dice = random.Random(seed)
    queue = FairQueue(3, "work")
    working = most = 0

    async def come_and_go(who: str) -> None:
        nonlocal working, most
        await anyio.sleep(dice.randrange(20))
        with anyio.move_on_after(dice.randrange(1, 12)), paid_by(who):
            async with queue.place() as let_others:
                for _ in range(dice.randrange(1, 4)):
                    working += 1
                    most = max(most, working)
                    try:
                        await anyio.sleep(dice.randrange(5))
                    finally:
                        working -= 1
                    await let_others()

    async with anyio.create_task_group() as tasks:
        for _ in range(40):
            tasks.start_soon(come_and_go, dice.choice("abc"))
    assert most == 3
    assert repr(queue) == "<FairQueue, 3 of 3 free, 0 wait>"
