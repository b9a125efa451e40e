"""Places for turns: so many are answered at a time, and whoever is on the line goes first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from repartee.calls.clock import now
from repartee.calls.courtesy import Courtesy
from repartee.calls.fair_queue import MOST_WAITING
from repartee.calls.turn_places import TurnPlace, TurnPlaces
from repartee.calls.uploads import Upload
from repartee.calls.visitors import Visitors
from repartee.conversation import told
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller
from repartee.engines.stt.scripted import ScriptedHearing, ScriptedRecognizer
from repartee.errors import Refused
from tests.calls.fakes import FakeModel, tokens
from tests.calls.line import Line, on_the_line, scripted
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import Answer, answer_to, open_to_visitors, said, spoken, typed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class FewEars(ScriptedRecognizer):
    """A recogniser that hears only so many turns at a time; all the others wait."""

    def __init__(self, ears: int, settle_ms: float) -> None:
        super().__init__(transcripts=["What time is it?"], settle_ms=settle_ms)
        self._ears = anyio.Semaphore(ears)
        self._busy = self.most_busy = 0

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
        async with self._ears, super().listen(caller, language) as hearing:
            self._busy += 1
            self.most_busy = max(self.most_busy, self._busy)
            try:
                yield hearing
            finally:
                self._busy -= 1


async def gap(line: Line) -> float:
    """From the end of a question to the first sound of its answer."""
    await line.speak(1_200)
    over_at = now()
    while not line.client.all(SoundOf):
        await line.be_quiet(32)
    (heard,) = line.client.all(told.UserFinal)
    assert heard.text == "What time is it?"
    return line.client.moments(SoundOf)[0] - over_at


async def ask_again_and_again(visitors: Visitors, name: str) -> None:
    while True:
        visitor = await visitors.enter(name, "voice")
        await answer_to(visitor, spoken(visitor))


async def take_for_a_moment(places: TurnPlaces) -> None:
    (await places.take()).leave()


class TestTaking:
    async def test_only_so_many_are_answered_at_a_time(self) -> None:
        stt = FewEars(ears=20, settle_ms=500)
        answers: list[Answer] = []
        async with open_to_visitors(scripted(stt=stt), places=TurnPlaces(2)) as visitors:

            async def ask(name: str) -> None:
                visitor = await visitors.enter(name, "voice")
                answers.append(await answer_to(visitor, spoken(visitor)))

            async with anyio.create_task_group() as tasks:
                for number in range(20):
                    tasks.start_soon(ask, f"visitor {number}")
        assert stt.most_busy == 2
        assert all(answer.heard for answer in answers)
        assert len(answers) == 20

    async def test_one_that_is_alone_waits_for_nothing(self) -> None:
        async with open_to_visitors(places=TurnPlaces(1)) as visitors:
            visitor = await visitors.enter("ada", "voice")
            began = now()
            answer = await answer_to(visitor, spoken(visitor))
            assert answer.first_at(told.UserFinal) - began < 0.01

    async def test_a_place_is_free_when_all_is_said_and_not_when_all_is_taken(self) -> None:
        """A client that is slow to take its answer keeps nobody waiting."""
        async with open_to_visitors(places=TurnPlaces(1)) as visitors:
            slow = (await visitors.enter("ada", "upload")).ask(typed("hello"))
            await anext(slow)
            await anyio.sleep(5)
            with anyio.fail_after(1):
                await answer_to(await visitors.enter("bob", "upload"), typed("hello"))
            await slow.aclose()

    async def test_whoever_leaves_while_it_waits_takes_none_along(self) -> None:
        places = TurnPlaces(1)
        held = await places.take()
        with anyio.move_on_after(1):
            await places.take()
        held.leave()
        held.leave()
        assert repr(places) == "<TurnPlaces, 1 free, 0 turns wait>"
        assert repr(await places.take()) == "<TurnPlace held>"

    async def test_nobody_waits_for_ever(self) -> None:
        places = TurnPlaces(1)
        await places.take()
        with pytest.raises(Refused, match="too much to do"):
            await places.take()

    async def test_only_so_many_may_wait(self) -> None:
        places = TurnPlaces(1)
        held = await places.take()
        async with anyio.create_task_group() as tasks:
            for _ in range(MOST_WAITING):
                tasks.start_soon(take_for_a_moment, places)
            await anyio.sleep(1)
            with pytest.raises(Refused, match="All 64 places for turns to be answered are taken"):
                await places.take()
            held.leave()

    async def test_a_newer_question_does_not_wait_behind_the_one_it_cuts_off(self) -> None:
        places = TurnPlaces(1)
        held = await places.take()
        async with open_to_visitors(places=places) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answers = {}

            async def ask(name: str) -> None:
                answers[name] = await answer_to(visitor, typed(name))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask, "first")
                await anyio.sleep(1)
                tasks.start_soon(ask, "second")
                await anyio.sleep(1)
                assert answers["first"].was_cut_off
                held.leave()
            assert answers["second"].text == "You said: second"

    async def test_whoever_is_forgotten_while_it_waits_is_told(self) -> None:
        places = TurnPlaces(1)
        held = await places.take()
        async with open_to_visitors(places=places) as visitors, anyio.create_task_group() as tasks:
            visitor = await visitors.enter("ada", "upload")
            answers = []

            async def ask() -> None:
                answers.append(await answer_to(visitor, typed("hello")))

            tasks.start_soon(ask)
            await anyio.sleep(1)
            await visitors.forget("ada")
        assert answers[0].was_cut_off
        held.leave()


class TestRightOfWay:
    async def test_a_turn_lets_a_call_go_first_but_not_for_ever(self) -> None:
        places = TurnPlaces(1, Courtesy(lambda: True))
        began = now()
        (await places.take()).leave()
        assert now() - began == pytest.approx(2.0, abs=0.1)
        (await places.take()).leave()
        assert now() - began == pytest.approx(2.0, abs=0.1)

    async def test_a_live_call_is_heard_beside_twenty_visitors_as_if_it_were_alone(self) -> None:
        """Of four ears visitors never have all, however many they are."""
        stt = FewEars(ears=4, settle_ms=400)
        engines = scripted(stt=stt, llm=ScriptedResponder(first_token_ms=100, token_ms=20))
        gaps = {}
        async with on_the_line(engines) as line:
            gaps["alone"] = await gap(line)
        async with (
            on_the_line(engines) as line,
            open_to_visitors(
                engines, places=TurnPlaces(2, Courtesy(lambda: line.call.in_haste))
            ) as visitors,
            anyio.create_task_group() as tasks,
        ):
            for number in range(20):
                tasks.start_soon(ask_again_and_again, visitors, f"visitor {number}")
            await anyio.sleep(1)
            gaps["beside"] = await gap(line)
            tasks.cancel_scope.cancel()
        assert gaps["beside"] - gaps["alone"] < 0.1


class TestHearingEarly:
    async def test_in_a_place_that_nobody_wants(self) -> None:
        async with open_to_visitors(places=TurnPlaces(1)) as visitors:
            ada, bob = [await visitors.enter(name, "upload") for name in ("ada", "bob")]
            early, late = Upload(ada, said()), Upload(bob, said())
            early.hear_early()
            late.hear_early()
            await anyio.sleep(1)
            assert ada.call.conversation.turn is not None
            assert bob.call.conversation.turn is None
            answer = await answer_to(ada, early.answer, place=early.kept_place())
            assert answer.text == f"You said: {answer.heard}"

    async def test_which_is_given_up_when_somebody_wants_it(self) -> None:
        stt = ScriptedRecognizer(transcripts=["What time is it?"])
        async with open_to_visitors(scripted(stt=stt), places=TurnPlaces(1)) as visitors:
            ada, bob = [await visitors.enter(name, "upload") for name in ("ada", "bob")]
            early = Upload(ada, said())
            early.hear_early()
            await anyio.sleep(1)
            with anyio.fail_after(1):
                assert (await answer_to(bob, typed("hello"))).text == "You said: hello"
            answer = await answer_to(ada, early.answer, place=early.kept_place())
            assert answer.heard == "What time is it?"

    async def test_but_not_once_its_answer_is_asked_for(self) -> None:
        model = FakeModel(lambda: tokens("One two three. " * 5, every_seconds=0.2), "Fine.")
        async with open_to_visitors(scripted(llm=model), places=TurnPlaces(1)) as visitors:
            ada, bob = [await visitors.enter(name, "upload") for name in ("ada", "bob")]
            early = Upload(ada, said())
            early.hear_early()
            answers = {}

            async def ask() -> None:
                answers["ada"] = await answer_to(ada, early.answer, place=early.kept_place())

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                await anyio.sleep(0.5)
                answers["bob"] = await answer_to(bob, typed("hello"))
            assert not answers["ada"].was_cut_off
            assert answers["bob"].text == "Fine."

    async def test_nor_while_a_call_is_in_haste(self) -> None:
        places = TurnPlaces(1, Courtesy(lambda: True))
        assert places.borrow(lambda: None) is None

    async def test_the_place_is_free_when_the_upload_is_left(self) -> None:
        places = TurnPlaces(1)
        async with open_to_visitors(places=places) as visitors:
            upload = Upload(await visitors.enter("ada", "upload"), said())
            upload.hear_early()
            upload.leave()
            assert isinstance(places.borrow(lambda: None), TurnPlace)
