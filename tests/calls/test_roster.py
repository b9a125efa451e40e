"""Who may come in, and how all calls come to an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from anyio.abc import TaskStatus

from repartee.calls.clock import now
from repartee.calls.pressure import Load, Pressure
from repartee.calls.refusals import LimitReached, TryLater
from repartee.calls.roster import Roster
from repartee.conversation import events as ev
from repartee.conversation.told import ReplyCompleted
from repartee.errors import Refused
from tests.calls.fakes import FakeModel, tokens
from tests.calls.line import Line, on_the_line, scripted
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

ANSWER = "It is ten past four."
ENDLESS = FakeModel(lambda: tokens("Over and over it goes. " * 500, every_seconds=0.2))


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


@asynccontextmanager
async def a_call(roster: Roster, model: FakeModel | None = None) -> AsyncIterator[Line]:
    """A live call that is on the roster until it ends."""
    roster.check_room()
    name = f"00000000-0000-4000-8000-{len(roster):012}"
    engines = scripted(llm=model or FakeModel(ANSWER))
    async with on_the_line(engines, name=name) as line, anyio.create_task_group() as tasks:

        async def leave_at_the_end() -> None:
            await line.over.wait()
            roster.leave(line.call)

        roster.enter(line.call, line.scope)
        tasks.start_soon(leave_at_the_end)
        yield line
        await line.hang_up()


async def listen_to_a_reply(line: Line) -> None:
    """Its sound is on its way when this returns."""
    line.call.happened(ev.Typed("hello"))
    await line.client.until(SoundOf)


async def drained_after(roster: Roster, seconds: float) -> float:
    """How long it took; then nobody is there any more."""
    began = now()
    await roster.drain(seconds)
    took = now() - began
    await anyio.sleep(1)
    assert len(roster) == 0
    return took


class TestRoom:
    async def test_there_are_so_many_places(self) -> None:
        roster = Roster(2)
        async with a_call(roster) as one, a_call(roster) as other:
            assert len(roster) == 2
            assert set(roster.calls) == {one.call, other.call}
            assert repr(roster) == "<Roster 2 of 2 calls>"
            with pytest.raises(TryLater, match=r"^All 2 places are taken. Try again in 10 sec"):
                roster.check_room()

    async def test_a_place_is_free_again_when_a_call_has_ended(self) -> None:
        roster = Roster(1)
        async with a_call(roster) as line:
            await line.hang_up()
            await anyio.sleep(1)
            roster.check_room()
        assert len(roster) == 0

    async def test_to_leave_twice_is_to_leave(self) -> None:
        roster = Roster(1)
        async with a_call(roster) as line:
            roster.leave(line.call)
            roster.leave(line.call)
            assert len(roster) == 0


class TestPlaces:
    def test_a_place_is_taken_before_the_call_begins(self) -> None:
        roster = Roster(1)
        with roster.place("a"):
            assert (len(roster), roster.free) == (0, 0)
            with pytest.raises(TryLater), roster.place("b"):
                pytest.fail("two have one place")
        assert roster.free == 1

    def test_one_holder_has_only_so_many(self) -> None:
        roster = Roster(10, most_each=2)
        with roster.place("a", "me"), roster.place("b", "me"), roster.place("c", "you"):
            sentence = r"^The limit of 2 calls at the same time is reached. Try again in 10 seconds"
            with pytest.raises(LimitReached, match=sentence), roster.place("d", "me"):
                pytest.fail("me has three")
            with roster.place("e", "you"), roster.place("f"), roster.place("g"), roster.place("h"):
                assert roster.free == 3

    def test_a_conversation_has_one_line(self) -> None:
        roster = Roster(10)
        with (
            roster.place("a"),
            pytest.raises(TryLater, match="goes on on another line"),
            roster.place("a"),
        ):
            pytest.fail("it has two")

    def test_a_machine_may_carry_fewer_than_is_allowed_and_never_none(self) -> None:
        roster = Roster(10)
        for carried, most in ((4, 4), (40, 10), (0, 1)):
            roster.carry(carried, "measured")
            assert roster.most == roster.free == most

    def test_under_pressure_nobody_new_is_let_in(self) -> None:
        pressure = Pressure()
        roster = Roster(10, pressure)
        with roster.place("a"):
            pressure.note(Load(lag_p95_ms=1_000), 0)
            assert roster.free == 0
            with pytest.raises(TryLater, match=r"^The server has too much to do. Try again in 15"):
                roster.check_room()


class TestDraining:
    async def test_nobody_comes_in_any_more(self) -> None:
        roster = Roster(2)
        await roster.drain(10)
        with pytest.raises(Refused, match="shutting down"):
            roster.check_room()

    async def test_with_nobody_there_it_takes_no_time(self) -> None:
        assert await drained_after(Roster(1), 10) == 0

    async def test_silent_calls_end_at_once(self) -> None:
        roster = Roster(5)
        async with AsyncExitStack() as calls:
            for _ in range(5):
                await calls.enter_async_context(a_call(roster))
            assert await drained_after(roster, 10) == pytest.approx(0, abs=0.01)

    async def test_somebody_who_speaks_is_heard_out_and_answered(self) -> None:
        roster = Roster(1)
        async with a_call(roster) as line, anyio.create_task_group() as tasks:
            await line.speak(600)

            async def speak_on() -> None:
                await line.speak(1_200)
                await line.be_quiet(1_500)

            tasks.start_soon(speak_on)
            assert 2 < await drained_after(roster, 10) < 6
            assert line.client.all(ReplyCompleted)[0].text == ANSWER
            (turn,) = line.notebook.turns
            assert turn.status == "complete"

    async def test_so_is_somebody_who_holds_a_button(self) -> None:
        roster = Roster(1)
        async with a_call(roster) as line, anyio.create_task_group() as tasks:
            line.call.begin_recording()

            async def speak_and_let_go() -> None:
                await line.speak(1_200)
                line.call.end_recording(now())

            tasks.start_soon(speak_and_let_go)
            assert 1 < await drained_after(roster, 10) < 6
            assert line.client.all(ReplyCompleted)[0].text == ANSWER

    async def test_a_microphone_that_never_falls_silent_is_cut_at_the_bound(self) -> None:
        roster = Roster(1)
        async with a_call(roster) as line, anyio.create_task_group() as tasks:
            await line.speak(600)
            tasks.start_soon(line.speak, 20_000)
            assert await drained_after(roster, 3) == pytest.approx(3, abs=0.01)
            tasks.cancel_scope.cancel()

    async def test_whoever_is_refused_is_told_when_a_server_will_be_there_again(self) -> None:
        roster = Roster(2)
        async with a_call(roster, ENDLESS) as line, anyio.create_task_group() as tasks:
            await listen_to_a_reply(line)
            tasks.start_soon(roster.drain, 10)
            for passed_s, again_in_s in ((1, 14), (8, 6)):
                await anyio.sleep(passed_s)
                with pytest.raises(TryLater) as refused:
                    roster.check_open()
                assert refused.value.retry_after_s == again_in_s

    async def test_a_reply_that_is_being_heard_may_end_and_nobody_waits_longer(self) -> None:
        roster = Roster(2)
        async with a_call(roster) as line, a_call(roster) as silent:
            await listen_to_a_reply(line)
            ends_after = len(ANSWER.replace(" ", "")) * 0.06
            assert await drained_after(roster, 10) == pytest.approx(ends_after, abs=0.15)
            assert line.client.all(ReplyCompleted)[0].text == ANSWER
            assert silent.over.is_set()

    async def test_an_endless_reply_is_cut_at_the_bound_and_kept_as_far_as_it_was_heard(
        self,
    ) -> None:
        roster = Roster(1)
        async with a_call(roster, ENDLESS) as line:
            await listen_to_a_reply(line)
            assert await drained_after(roster, 3) == pytest.approx(3, abs=0.01)
            assert line.client.all(ReplyCompleted) == []
            (turn,) = line.notebook.turns
            assert turn.status == "interrupted"
            assert turn.heard_text.startswith("Over and over")

    async def test_without_patience_all_end_at_once(self) -> None:
        roster = Roster(2)
        async with a_call(roster, ENDLESS) as line, a_call(roster):
            await listen_to_a_reply(line)
            assert await drained_after(roster, 0) == pytest.approx(0, abs=0.01)


async def test_whoever_comes_back_finds_the_old_line_hung_up() -> None:
    roster = Roster(2)
    call: Any = SimpleNamespace(id="a")

    async def lives(*, task_status: TaskStatus[None]) -> None:
        with anyio.CancelScope() as scope:
            roster.enter(call, scope)
            task_status.started()
            await anyio.sleep_forever()
        roster.leave(call)

    async with anyio.create_task_group() as tasks:
        await tasks.start(lives)
        await roster.hang_up("nobody")
        assert len(roster) == 1
        await roster.hang_up("a")
        assert len(roster) == 0


class TestHaste:
    async def test_a_call_is_in_haste_until_something_of_its_answer_is_heard(self) -> None:
        roster = Roster(2)
        async with a_call(roster, ENDLESS) as line:
            assert roster.in_haste == 0
            line.call.happened(ev.Typed("What time is it?"))
            assert roster.in_haste == 1
            await line.client.until(SoundOf)
            assert roster.in_haste == 0

    async def test_a_call_is_in_haste_once_somebody_who_spoke_pauses(self) -> None:
        roster = Roster(2)
        async with a_call(roster) as line:
            line.call.happened(ev.SpeechStarted(now()))
            assert roster.in_haste == 0
            line.call.happened(ev.SpeechPaused(now()))
            assert roster.in_haste == 1

    async def test_an_answer_that_never_comes_is_owed_to_nobody(self) -> None:
        roster = Roster(2)
        async with a_call(roster, ENDLESS) as line:
            line.call.happened(ev.Typed("What time is it?"))
            line.call.happened(ev.InterruptRequested())
            assert roster.in_haste == 0
