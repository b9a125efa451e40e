"""Recognisers that read a recording at a time: partials while one speaks, one reading to settle."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.engines.local.stopping import Wanted, look_up
from repartee.engines.local.windowed import (
    MOST_WAITING,
    STEP_SAMPLES,
    WINDOW_SAMPLES,
    Read,
    Readers,
    Wave,
    WindowedHearing,
)
from repartee.engines.protocols import Samples, Transcript
from repartee.engines.stt.upload import MOST_SAMPLES
from repartee.errors import EngineFailed, Refused

pytestmark = pytest.mark.anyio


def steps(count: int) -> Samples:
    return np.full(count * STEP_SAMPLES, 100, np.int16)


class Reading:
    """A model that tells how much it was given, in steps; it can be made to wait."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.begun = threading.Event()
        self.was_wanted: list[bool] = []

    def __call__(self, sound: Wave, language: str, wanted: Wanted) -> Transcript:
        self.given.append(len(sound) // STEP_SAMPLES)
        self.begun.set()
        assert self.may_end.wait(10)
        self.was_wanted.append(wanted())
        return Transcript(f"heard {self.given[-1]}", 0.9)


@asynccontextmanager
async def listening(read: Read, at_once: int = 1) -> AsyncIterator[WindowedHearing]:
    readers = Readers("tiny", lambda: read, at_once)
    await readers.open()
    try:
        async with readers.listen("en") as hearing:
            yield hearing
    finally:
        await readers.close()


async def in_thread(wait: Callable[[], bool]) -> None:
    assert await asyncio.to_thread(wait)


class TestPartials:
    async def test_a_growing_window_is_read_again(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            partials = hearing.partials()
            for number in (1, 2, 3):
                hearing.feed(steps(1))
                assert await anext(partials) == f"heard {number}"

    async def test_each_costs_the_next_one_as_much_as_came_in_meanwhile(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            partials = hearing.partials()
            read.may_end.clear()
            hearing.feed(steps(1))
            first = asyncio.ensure_future(anext(partials))
            await in_thread(lambda: read.begun.wait(10))
            hearing.feed(steps(4))  # it took as long as this
            read.may_end.set()
            assert await first == "heard 1"
            second = asyncio.ensure_future(anext(partials))
            for _ in range(4):
                hearing.feed(steps(1))
                await asyncio.sleep(0)
            assert await second == "heard 9"

    async def test_what_is_the_same_is_not_told_again(self) -> None:
        async with listening(lambda *_: Transcript("the same", 0.9)) as hearing:
            partials = hearing.partials()
            hearing.feed(steps(1))
            assert await anext(partials) == "the same"
            another = asyncio.ensure_future(anext(partials, "nothing more"))
            for _ in range(3):
                hearing.feed(steps(2))
                await hearing.settle()
            hearing.leave()
            assert await another == "nothing more"

    async def test_a_final_transcript_saves_reading_a_partial(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            hearing.feed(steps(2))
            await hearing.settle()
            assert await anext(hearing.partials()) == "heard 2"
        assert read.given == [2]

    async def test_a_window_begins_anew_when_it_is_full(self) -> None:
        read = Reading()
        full = WINDOW_SAMPLES // STEP_SAMPLES
        async with listening(read) as hearing:
            partials = hearing.partials()
            hearing.feed(steps(full + 1))
            assert await anext(partials) == f"heard {full + 1}"
            hearing.feed(steps(2))
            assert await anext(partials) == f"heard {full + 1} heard 2"
            assert (await hearing.settle()).text == f"heard {full + 3}"

    async def test_they_end_with_the_hearing(self) -> None:
        async with listening(Reading()) as hearing:
            told = asyncio.ensure_future(all_of(hearing))
            await asyncio.sleep(0)
        assert await told == []


class TestSettling:
    async def test_the_whole_turn_is_read(self) -> None:
        async with listening(Reading()) as hearing:
            hearing.feed(steps(2))
            assert await hearing.settle() == Transcript("heard 2", 0.9)
            hearing.feed(steps(1))
            assert await hearing.settle() == Transcript("heard 3", 0.9)

    async def test_what_was_just_read_is_not_read_again(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            hearing.feed(steps(2))
            await anext(hearing.partials())
            await hearing.settle()
            await hearing.settle()
        assert read.given == [2]

    async def test_a_partial_gives_way(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            read.may_end.clear()
            hearing.feed(steps(1))
            partial = asyncio.ensure_future(anext(hearing.partials()))
            await in_thread(lambda: read.begun.wait(10))
            hearing.feed(steps(1))
            final = asyncio.ensure_future(hearing.settle())
            await asyncio.sleep(0)
            read.may_end.set()
            assert (await final).text == "heard 2"
            assert read.was_wanted == [False, True]
            partial.cancel()

    async def test_one_with_a_thread_of_its_own_keeps_nobody_waiting(self) -> None:
        partial_begun, partial_may_end = threading.Event(), threading.Event()
        was_wanted: list[bool] = []

        def read(sound: Wave, language: str, wanted: Wanted) -> Transcript:
            if len(sound) == STEP_SAMPLES:
                partial_begun.set()
                assert partial_may_end.wait(10)
                was_wanted.append(wanted())
            return Transcript("heard", 0.9)

        readers = Readers("tiny", lambda: read, 1, partials_apart=True)
        await readers.open()
        async with readers.listen("en") as hearing:
            hearing.feed(steps(1))
            partial = asyncio.ensure_future(anext(hearing.partials()))
            await in_thread(lambda: partial_begun.wait(10))
            hearing.feed(steps(1))
            assert (await hearing.settle()).text == "heard"
            assert not was_wanted
            partial.cancel()
        partial_may_end.set()
        await readers.close()

    async def test_a_model_that_looks_up_is_let_go(self) -> None:
        begun, looks = threading.Event(), threading.Event()

        def read(sound: Wave, language: str, wanted: Wanted) -> Transcript:
            begun.set()
            assert looks.wait(10)
            look_up()
            raise AssertionError("nobody waits for this")

        async with listening(read) as hearing:
            hearing.feed(steps(1))
            final = asyncio.ensure_future(hearing.settle())
            await in_thread(lambda: begun.wait(10))
            final.cancel()
            await asyncio.wait([final])
            looks.set()

    async def test_a_moment_is_no_words(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            hearing.feed(np.ones(100, np.int16))
            assert await hearing.settle() == Transcript("", 0.0)
        assert read.given == []

    async def test_what_a_model_makes_up_is_no_words(self) -> None:
        async with listening(lambda *_: Transcript(" Thanks for watching!", 0.9)) as hearing:
            hearing.feed(steps(2))
            assert await hearing.settle() == Transcript("", 0.0)

    async def test_one_that_is_cancelled_is_told_to_the_model(self) -> None:
        read = Reading()
        async with listening(read) as hearing:
            read.may_end.clear()
            hearing.feed(steps(1))
            final = asyncio.ensure_future(hearing.settle())
            await in_thread(lambda: read.begun.wait(10))
            final.cancel()
            await asyncio.wait([final])
            read.may_end.set()
        assert read.was_wanted == [False]


class TestTrouble:
    async def test_a_turn_without_an_end_is_refused(self) -> None:
        async with listening(Reading()) as hearing:
            hearing.feed(np.zeros(MOST_SAMPLES, np.int16))
            hearing.feed(steps(1))
            with pytest.raises(EngineFailed, match="too long"):
                await hearing.settle()

    async def test_a_library_that_fails_is_named(self) -> None:
        def broken(*_: object) -> Transcript:
            raise RuntimeError("out of cheese")

        async with listening(broken) as hearing:
            hearing.feed(steps(1))
            with pytest.raises(EngineFailed, match="The tiny engine failed while listening"):
                await hearing.settle()

    async def test_a_hearing_that_was_left_settles_no_more(self) -> None:
        async with listening(Reading()) as hearing:
            hearing.feed(steps(1))
        with pytest.raises(EngineFailed, match="over"):
            await hearing.settle()

    async def test_nobody_is_heard_before_it_is_open(self) -> None:
        async with Readers("tiny", Reading, 1).listen("en") as hearing:
            hearing.feed(steps(1))
            with pytest.raises(EngineFailed, match="not open"):
                await hearing.settle()

    async def test_too_many_who_wait_are_turned_away(self) -> None:
        read = Reading()
        read.may_end.clear()
        readers = Readers("tiny", lambda: read, 1)
        await readers.open()

        def ask() -> "asyncio.Task[Transcript]":
            return asyncio.ensure_future(readers.read(steps(1), "en", lambda: True))

        asked = [ask() for _ in range(MOST_WAITING + 1)]
        await in_thread(lambda: read.begun.wait(10))
        with pytest.raises(Refused, match="busy"):
            await ask()
        for one in asked:
            one.cancel()
        read.may_end.set()
        await asyncio.wait(asked)
        await readers.close()


async def all_of(hearing: WindowedHearing) -> list[str]:
    return [partial async for partial in hearing.partials()]
