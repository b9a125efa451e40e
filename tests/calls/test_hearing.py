"""One turn being heard: what the recogniser says, and what becomes of a recogniser in trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.hearing import TurnHearing
from repartee.conversation import events as ev
from repartee.engines.protocols import Caller, Recognizer
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from tests.calls.fakes import TroubledRecognizer, Where, hangs, raises
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
TURN = 7


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Heard:
    """A turn being heard, and all that comes of it."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.events: list[tuple[float, ev.Event]] = []
        self.hearing = TurnHearing(TURN, recognizer, Caller("a call"), "en", self._happened)
        self.over = anyio.Event()

    def _happened(self, event: ev.Event) -> None:
        self.events.append((now(), event))

    @property
    def partials(self) -> list[str]:
        return [what.text for _, what in self.events if isinstance(what, ev.PartialHeard)]

    @property
    def finals(self) -> list[ev.FinalHeard]:
        return [what for _, what in self.events if isinstance(what, ev.FinalHeard)]

    @property
    def failures(self) -> list[ev.EngineFailed]:
        return [what for _, what in self.events if isinstance(what, ev.EngineFailed)]

    def speaks(self, ms: int) -> None:
        self.hearing.feed(np.full(ms * 16, 8_000, np.int16))

    async def run(self) -> None:
        await self.hearing.run()
        self.over.set()


@asynccontextmanager
async def hearing(recognizer: Recognizer | None = None) -> AsyncIterator[Heard]:
    heard = Heard(recognizer or ScriptedRecognizer(transcripts=[QUESTION]))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(heard.run)
        yield heard
        tasks.cancel_scope.cancel()


async def passes(seconds: float = 0.01) -> None:
    await anyio.sleep(seconds)


class TestATurn:
    async def test_partials_come_while_it_is_spoken(self) -> None:
        async with hearing() as heard:
            for _ in range(4):
                heard.speaks(300)
                await passes()
            assert heard.partials == ["What", "What time", "What time is", QUESTION]
            assert heard.events[0][1] == ev.PartialHeard(TURN, "What")

    async def test_a_final_comes_only_when_it_is_asked_for_and_names_the_attempt(self) -> None:
        async with hearing() as heard:
            heard.speaks(1_200)
            await passes(60)
            assert heard.finals == []
            heard.hearing.finalise(3)
            await passes()
            assert heard.finals == [ev.FinalHeard(TURN, 3, QUESTION, 0.95)]

    async def test_it_goes_on_after_a_final(self) -> None:
        async with hearing() as heard:
            heard.speaks(600)
            heard.hearing.finalise(1)
            await passes()
            heard.speaks(600)
            await passes()
            heard.hearing.finalise(2)
            await passes()
            assert [final.attempt for final in heard.finals] == [1, 2]
            assert heard.partials[-1] == QUESTION

    async def test_it_does_not_wait_for_a_slow_final_to_take_sound(self) -> None:
        slow = ScriptedRecognizer(transcripts=[QUESTION], settle_ms=5_000)
        async with hearing(slow) as heard:
            heard.hearing.finalise(1)
            await passes()
            heard.speaks(600)
            await passes()
            assert heard.partials == ["What time"]
            assert heard.finals == []
            await passes(6)
            assert [final.attempt for final in heard.finals] == [1]

    async def test_what_is_said_before_the_recogniser_is_ready_is_not_lost(self) -> None:
        async def takes_its_time() -> None:
            await anyio.sleep(2)

        slow = TroubledRecognizer("opening", takes_its_time, QUESTION)
        async with hearing(slow) as heard:
            for _ in range(4):
                heard.speaks(300)
                await passes()
            heard.hearing.finalise(1)
            assert heard.events == []
            await passes(3)
            assert heard.partials[-1] == QUESTION
            assert heard.finals == [ev.FinalHeard(TURN, 1, QUESTION, 0.95)]

    async def test_more_questions_than_anybody_asks_are_dropped(self) -> None:
        async with hearing(TroubledRecognizer("settling", hangs)) as heard:
            for attempt in range(1_000):
                heard.hearing.finalise(attempt)
            await passes()
            assert heard.events == []


class TestStopping:
    async def test_the_recogniser_is_left_and_nothing_more_comes(self) -> None:
        recognizer = TroubledRecognizer("settling", hangs)
        async with hearing(recognizer) as heard:
            heard.speaks(600)
            await passes()
            told = len(heard.events)
            heard.hearing.stop()
            heard.speaks(600)
            heard.hearing.finalise(1)
            await heard.over.wait()
            await passes(60)
            assert recognizer.left == 1
            assert len(heard.events) == told

    async def test_one_that_has_not_begun_yet_ends_at_once(self) -> None:
        recognizer = TroubledRecognizer("opening", hangs)
        async with hearing(recognizer) as heard:
            heard.hearing.stop()
            heard.speaks(600)
            heard.hearing.finalise(1)
            await heard.over.wait()
            assert recognizer.left == 1
            assert heard.events == []

    @pytest.mark.parametrize("where", ["opening", "partials", "settling"])
    async def test_a_recogniser_that_hangs_is_left(self, where: Where) -> None:
        recognizer = TroubledRecognizer(where, hangs)
        async with hearing(recognizer) as heard:
            heard.speaks(600)
            heard.hearing.finalise(1)
            await passes(1)
            heard.hearing.stop()
            await heard.over.wait()
            assert recognizer.left == 1
            assert heard.failures == []


@pytest.mark.parametrize("where", ["opening", "partials", "settling"])
class TestTrouble:
    async def test_it_is_told_once_and_in_the_recognisers_own_words(self, where: Where) -> None:
        deaf = TroubledRecognizer(where, raises(EngineFailed("The microphone is an apple.")))
        async with hearing(deaf) as heard:
            heard.speaks(600)
            heard.hearing.finalise(1)
            await heard.over.wait()
            assert heard.failures == [
                ev.EngineFailed("hearing", "The microphone is an apple.", turn=TURN)
            ]
            assert deaf.left == 1

    async def test_what_breaks_in_a_recogniser_stays_in_the_log(
        self, where: Where, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with hearing(TroubledRecognizer(where, raises(OSError("/secret/path")))) as heard:
            heard.speaks(600)
            heard.hearing.finalise(1)
            await heard.over.wait()
            sentence = "The speech recogniser failed. Please try again."
            assert heard.failures == [ev.EngineFailed("hearing", sentence, turn=TURN)]
            assert "/secret/path" in caplog.text

    async def test_sound_that_comes_too_late_does_no_harm(self, where: Where) -> None:
        async with hearing(TroubledRecognizer(where, raises(OSError("no")))) as heard:
            heard.speaks(600)
            heard.hearing.finalise(1)
            await heard.over.wait()
            told = len(heard.events)
            heard.speaks(600)
            heard.hearing.stop()
            await passes(60)
            assert len(heard.events) == told


async def test_only_the_latest_request_is_waited_for() -> None:
    asked = 0

    async def the_first_takes_for_ever() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await anyio.sleep_forever()

    troubled = TroubledRecognizer("settling", the_first_takes_for_ever, QUESTION)
    async with hearing(troubled) as heard:
        heard.speaks(500)
        heard.hearing.finalise(1)
        await passes()
        heard.speaks(500)
        heard.hearing.finalise(2)
        await passes()
        assert [(final.attempt, final.text) for final in heard.finals] == [(2, QUESTION)]
