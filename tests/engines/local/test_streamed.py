"""Recognisers that take sound as it comes: threads follow the turns, one at a time for each."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.engines.local.streamed import STEP_SAMPLES, Ears, StreamedHearing
from repartee.engines.local.windowed import Wave
from repartee.engines.protocols import Samples, Transcript
from repartee.errors import BadInput, EngineFailed

pytestmark = pytest.mark.anyio


def steps(count: int) -> Samples:
    return np.full(count * STEP_SAMPLES, 100, np.int16)


class Counting:
    """An ear that tells how many steps it has heard, and in how many portions."""

    def __init__(self) -> None:
        self.portions: list[int] = []
        self.concluded = 0
        self.closed = threading.Event()
        self.may_hear = threading.Event()
        self.may_hear.set()
        self.begun = threading.Event()

    def hear(self, sound: Wave) -> str:
        self.begun.set()
        assert self.may_hear.wait(10)
        self.portions.append(len(sound) // STEP_SAMPLES)
        return f"heard {sum(self.portions)}"

    def conclude(self) -> Transcript:
        self.concluded += 1
        return Transcript(f"heard {sum(self.portions)}.", 0.9)

    def close(self) -> None:
        self.closed.set()


@asynccontextmanager
async def listening(ear: Counting) -> AsyncIterator[StreamedHearing]:
    ears = Ears("tiny", lambda: lambda: ear, languages=("en",), at_once=1)
    await ears.open()
    try:
        async with ears.listen("en_US") as hearing:
            yield hearing
    finally:
        await ears.close()


async def test_words_come_while_one_speaks() -> None:
    async with listening(Counting()) as hearing:
        partials = hearing.partials()
        for number in (1, 2, 3):
            hearing.feed(steps(1))
            assert await anext(partials) == f"heard {number}"


async def test_little_pieces_are_put_together() -> None:
    ear = Counting()
    async with listening(ear) as hearing:
        for piece in np.array_split(steps(3), 12):
            hearing.feed(piece)
            await asyncio.sleep(0)
        await hearing.settle()
    assert sum(ear.portions) == 3
    assert len(ear.portions) <= 4


async def test_what_comes_in_while_a_thread_is_busy_is_one_portion() -> None:
    ear = Counting()
    async with listening(ear) as hearing:
        ear.may_hear.clear()
        hearing.feed(steps(1))
        assert await asyncio.to_thread(ear.begun.wait, 10)
        for _ in range(5):
            hearing.feed(steps(1))
        ear.may_hear.set()
        assert (await hearing.settle()).text == "heard 6."
    assert ear.portions == [1, 5]


async def test_settling_covers_all_of_it_and_the_turn_may_go_on() -> None:
    async with listening(Counting()) as hearing:
        hearing.feed(steps(2))
        assert await hearing.settle() == Transcript("heard 2.", 0.9)
        hearing.feed(steps(1))
        assert await hearing.settle() == Transcript("heard 3.", 0.9)


async def test_settling_again_costs_nothing() -> None:
    ear = Counting()
    async with listening(ear) as hearing:
        hearing.feed(steps(2))
        first = await hearing.settle()
        assert await hearing.settle() == first
    assert ear.concluded == 1


async def test_nothing_fed_is_nothing_heard() -> None:
    async with listening(Counting()) as hearing:
        assert await hearing.settle() == Transcript("", 0.0)


async def test_an_ear_is_closed_when_its_hearing_is_left() -> None:
    ear = Counting()
    async with listening(ear) as hearing:
        hearing.feed(steps(1))
        await hearing.settle()
        hearing.leave()
        assert await asyncio.to_thread(ear.closed.wait, 10)


async def test_partials_and_settling_end_with_the_hearing() -> None:
    ear = Counting()
    ear.may_hear.clear()
    async with listening(ear) as hearing:
        told = asyncio.ensure_future(anext(hearing.partials(), "nothing more"))
        hearing.feed(steps(1))
        final = asyncio.ensure_future(hearing.settle())
        await asyncio.sleep(0)
        hearing.leave()
        assert await told == "nothing more"
        with pytest.raises(EngineFailed, match="over"):
            await final
        ear.may_hear.set()


async def test_a_library_that_fails_is_named_to_all_who_wait() -> None:
    class Deaf(Counting):
        def hear(self, sound: Wave) -> str:
            raise RuntimeError("no ears")

    ear = Deaf()
    async with listening(ear) as hearing:
        hearing.feed(steps(1))
        for waiting in (hearing.settle(), anext(hearing.partials())):
            with pytest.raises(EngineFailed, match="The tiny engine failed while listening"):
                await waiting
        assert await asyncio.to_thread(ear.closed.wait, 10)


async def test_a_turn_of_which_nothing_is_heard_any_more_is_given_up() -> None:
    ear = Counting()
    ear.may_hear.clear()
    async with listening(ear) as hearing:
        hearing.feed(steps(1))
        hearing.feed(np.zeros(121 * 16_000, np.int16))
        with pytest.raises(EngineFailed, match="too long"):
            await hearing.settle()
        ear.may_hear.set()


async def test_an_engine_that_is_closed_ends_its_hearings() -> None:
    ears = Ears("tiny", lambda: Counting, languages=("en",), at_once=1)
    await ears.open()
    async with ears.listen("en") as hearing:
        await ears.close()
        hearing.feed(steps(1))
        with pytest.raises(EngineFailed, match="closed"):
            await hearing.settle()


async def test_a_language_that_the_model_lacks_is_refused() -> None:
    ears = Ears("tiny", lambda: Counting, languages=("en", "de"), at_once=1)
    with pytest.raises(BadInput, match="understands en, de only"):
        async with ears.listen("fr"):
            pass
