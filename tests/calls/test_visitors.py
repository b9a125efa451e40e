"""All conversations whose clients come and go: what is remembered, and who is forgotten."""

from __future__ import annotations

import asyncio
from asyncio import TaskGroup
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import anyio
import anyio.lowlevel
import pytest

from repartee.calls import visitors as visitors_module
from repartee.calls.refusals import LimitReached, TryLater
from repartee.calls.visitors import FORGOTTEN_AFTER_SECONDS, Visitors
from repartee.calls.visits import Visitor
from repartee.engines.protocols import Speech
from repartee.errors import Refused
from tests.calls.fakes import FakeModel, tokens, writes
from tests.calls.line import Notebook, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import answer_to, open_to_visitors, paid_by, typed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Diary(Notebook):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def session_began(self, session: object) -> None:
        self.lines.append("began")

    def session_ended(self, session_id: str, ended_at: float) -> None:
        self.lines.append("ended")


@asynccontextmanager
async def a_house_for(most: int, model: FakeModel | None = None) -> AsyncIterator[Visitors]:
    with patch.object(visitors_module, "MOST_VISITORS", most):
        async with open_to_visitors(scripted(llm=model)) as visitors:
            yield visitors


class TestMemory:
    async def test_it_lasts_from_one_request_to_the_next(self) -> None:
        model = FakeModel("First.", "Second.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            for text in ("one", "two"):
                await answer_to(await visitors.enter("ada", "upload"), typed(text))
        assert model.asked_last() == [("user", "one"), ("assistant", "First."), ("user", "two")]

    async def test_it_is_twelve_messages_long(self) -> None:
        model = FakeModel("Yes.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            for number in range(10):
                await answer_to(visitor, typed(f"question {number}"))
        said_before, (_, last) = model.asked_last()[:-1], model.asked_last()[-1]
        assert len(said_before) == 12
        assert (said_before[0], last) == (("user", "question 3"), "question 9")

    async def test_it_is_cleared_and_who_answers_stays(self) -> None:
        model = FakeModel("Yes.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            visitor.call.set_speech(Speech("am_adam"))
            await answer_to(visitor, typed("marmalade"))
            assert visitors.clear("ada")
            await answer_to(await visitors.enter("ada", "upload"), typed("toast"))
        assert model.asked_last() == [("user", "toast")]
        assert visitor.call.speech.voice == "am_adam"

    async def test_a_clear_during_an_answer_also_forgets_that(self) -> None:
        model = FakeModel(writes("It is", lambda: anyio.sleep(5), " late."), "Yes.")
        async with (
            open_to_visitors(scripted(llm=model)) as visitors,
            anyio.create_task_group() as t,
        ):
            visitor = await visitors.enter("ada", "upload")
            t.start_soon(answer_to, visitor, typed("marmalade"))
            await anyio.sleep(1)
            visitors.clear("ada")
            await anyio.sleep(10)
            await answer_to(visitor, typed("toast"))
        assert model.asked_last() == [("user", "toast")]

    async def test_nobody_can_be_cleared_who_is_not_known(self) -> None:
        async with open_to_visitors() as visitors:
            assert not visitors.clear("nobody")
            assert not await visitors.forget("nobody")

    async def test_an_answer_that_was_left_is_remembered_as_far_as_it_was_heard(self) -> None:
        model = FakeModel(lambda: tokens("One two three. " * 50, every_seconds=0.2), "Yes.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            with anyio.move_on_after(6):
                await answer_to(visitor, typed("count"))
            await answer_to(visitor, typed("go on"))
        (_, heard), *_ = [entry for entry in model.asked_last() if entry[0] == "assistant"]
        assert heard.startswith("One two three.")
        assert len(heard) < 200


class TestComingAndGoing:
    async def test_a_name_is_a_conversation(self) -> None:
        async with open_to_visitors() as visitors:
            one, again, other = [
                await visitors.enter(name, "upload") for name in ("ada", "ada", "bob")
            ]
        assert one is again
        assert one is not other
        assert len({one.id, other.id}) == 2

    async def test_who_enters_twice_at_once_is_one(self) -> None:
        async with open_to_visitors() as visitors:
            entered: list[Visitor] = []

            async def enter() -> None:
                visitor = await visitors.enter("ada", "upload")
                entered.append(visitor)
                await answer_to(visitor, typed("hello"), patiently=True)

            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(enter)
            assert len(set(entered)) == len(visitors) == 1

    async def test_who_stays_away_is_forgotten_and_who_does_not_is_not(self) -> None:
        model = FakeModel("Yes.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            for name in ("ada", "bob"):
                await answer_to(await visitors.enter(name, "upload"), typed("hello"))
            await anyio.sleep(FORGOTTEN_AFTER_SECONDS / 2)
            bob = await visitors.enter("bob", "upload")
            await anyio.sleep(FORGOTTEN_AFTER_SECONDS / 2 + 1)
            assert await visitors.enter("bob", "upload") is bob
            assert len(visitors) == 1
            assert len(model.released) == 1

    async def test_one_who_is_being_answered_is_never_forgotten(self) -> None:
        slow = FakeModel(lambda: tokens("word " * 300, every_seconds=10))
        async with open_to_visitors(scripted(llm=slow)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(answer_to, visitor, typed("hello"))
                await anyio.sleep(FORGOTTEN_AFTER_SECONDS + 60)
                await visitors.enter("bob", "upload")
                assert await visitors.enter("ada", "upload") is visitor
                tasks.cancel_scope.cancel()

    async def test_when_it_is_full_whoever_was_away_for_longest_makes_room(self) -> None:
        async with a_house_for(3) as visitors:
            first = {}
            for name in ("ada", "bob", "cy"):
                first[name] = await visitors.enter(name, "upload")
                await anyio.sleep(1)
            await visitors.enter("ada", "upload")
            await visitors.enter("dee", "upload")
            assert len(visitors) == 3
            assert await visitors.enter("ada", "upload") is first["ada"]
            assert await visitors.enter("bob", "upload") is not first["bob"]

    async def test_whoever_has_their_share_gives_up_one_of_their_own(self) -> None:
        async with a_house_for(6) as visitors:
            with paid_by("modest"):
                modest = await visitors.enter("ada", "upload")
            await anyio.sleep(1)
            with paid_by("greedy"):
                first = await visitors.enter("spam 0", "upload")
                for number in range(1, 20):
                    await visitors.enter(f"spam {number}", "upload")
                assert len(visitors) == 4
                assert await visitors.enter("ada", "upload") is modest
                assert await visitors.enter("spam 19", "upload") is not first
                assert await visitors.enter("spam 0", "upload") is not first

    async def test_even_if_others_have_more_and_were_away_for_longer(self) -> None:
        async with a_house_for(6) as visitors:
            with paid_by("more"):
                theirs = {name: await visitors.enter(name, "upload") for name in ("x", "y", "z")}
            await anyio.sleep(1)
            with paid_by("less"):
                for name in ("one", "two", "three"):
                    await visitors.enter(name, "upload")
            assert len(visitors) == 5
            for name, visitor in theirs.items():
                assert await visitors.enter(name, "upload") is visitor

    async def test_when_it_is_full_whoever_has_most_makes_room(self) -> None:
        async with a_house_for(4) as visitors:
            here = {}
            for who, name in [("a", "a1"), ("b", "b1"), ("b", "b2"), ("c", "c1")]:
                with paid_by(who):
                    here[name] = await visitors.enter(name, "upload")
                await anyio.sleep(1)
            with paid_by("d"):
                await visitors.enter("d1", "upload")
                for name in ("a1", "b2", "c1"):
                    assert await visitors.enter(name, "upload") is here[name]
                assert len(visitors) == 4

    async def test_when_all_of_ones_own_are_being_answered_one_more_is_too_many(self) -> None:
        model = FakeModel(lambda: tokens("word " * 100, every_seconds=1))
        async with a_house_for(4, model) as visitors, TaskGroup() as tasks:
            with paid_by("greedy"):
                for name in ("one", "two"):
                    visitor = await visitors.enter(name, "upload")
                    tasks.create_task(answer_to(visitor, typed("hello")))
                await anyio.sleep(1)
                with pytest.raises(LimitReached, match=r"^Your share .* is taken: 2 of 4"):
                    await visitors.enter("three", "upload")
            with paid_by("modest"):
                await visitors.enter("four", "upload")

    async def test_when_all_are_being_answered_one_more_is_refused(self) -> None:
        model = FakeModel(lambda: tokens("word " * 100, every_seconds=1))
        async with a_house_for(2, model) as visitors, TaskGroup() as tasks:
            for name in ("ada", "bob"):
                visitor = await visitors.enter(name, "upload")
                tasks.create_task(answer_to(visitor, typed("hello")))
            await anyio.sleep(1)
            with pytest.raises(TryLater, match=r"^All 2 places for conversations are taken"):
                await visitors.enter("cy", "upload")

    async def test_whoever_is_ended_while_being_answered_is_told(self) -> None:
        model = FakeModel(lambda: tokens("word " * 100, every_seconds=1))
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answers = []

            async def ask() -> None:
                answers.append(await answer_to(visitor, typed("hello")))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                await anyio.sleep(5)
                await visitors.forget("ada")
            assert answers[0].was_cut_off
            assert model.left == 1
            with pytest.raises(Refused, match="has ended"):
                await answer_to(visitor, typed("hello?"))

    async def test_sessions_begin_and_end_with_visitors(self) -> None:
        diary = Diary()
        async with open_to_visitors(notebook=diary) as visitors:
            await visitors.enter("ada", "upload")
            await visitors.enter("ada", "upload")
            assert diary.lines == ["began"]
        assert diary.lines == ["began", "ended"]

    async def test_so_they_do_if_whoever_wanted_the_end_does_not_wait_for_it(self) -> None:
        diary = Diary()
        async with open_to_visitors(notebook=diary) as visitors:
            visitor = await visitors.enter("ada", "upload")
            forgetting = asyncio.create_task(visitors.forget("ada"))
            await anyio.lowlevel.checkpoint()
            forgetting.cancel()
            await asyncio.wait([forgetting])
            assert forgetting.cancelled()
            assert diary.lines == ["began", "ended"]
            await visitor.until_begun()

    async def test_it_tells_about_itself(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            assert repr(visitors) == "<Visitors 1>"
            assert repr(visitor) == f"<Visitor upload {visitor.id}>"
