"""A button: a recording comes in pieces while it is held, and is answered when it is let go."""

from __future__ import annotations

import anyio
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.conversation import Rules
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, LOW_CONFIDENCE_SENTENCE
from repartee.conversation.told import (
    Problem,
    ReplyCompleted,
    ReplyStarted,
    UserFinal,
    UserPartial,
)
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from tests.calls.fakes import FakeModel, TroubledRecognizer, hangs, raises, writes
from tests.calls.line import QUIET, VOICE, Notebook, pcm, scripted
from tests.calls.recorder import AT_ONCE, Witness, a_button, recording
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.recordings.browser import blobs

pytestmark = pytest.mark.anyio

QUESTIONS = ("What time is it?", "And in Rome?", "Thank you.")
ANSWER = "It is ten past four."
NO_AUDIO = "No audio received."
QUIETER = VOICE // 2
"""Another recording's level, so that its sound can be told from that of the first."""


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestWhileItIsHeld:
    async def test_the_words_so_far_are_told(self) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTIONS[0]])
        async with a_button(scripted(stt=stt)) as button:
            button.press()
            await button.record(recording(2_000))
            partials = [partial.text for partial in button.line.client.all(UserPartial)]
            assert partials[:2] == ["What", "What time"]
            assert button.traced() == []

    async def test_however_long_the_silences_it_is_one_turn(self) -> None:
        async with a_button() as button:
            loud, quiet = recording(500), [pcm(QUIET, 250)] * 12
            button.press()
            await button.record([*loud, *quiet, *recording(500)[1:], *quiet])
            assert button.line.client.all(UserFinal) == []
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert len(button.line.client.all(UserFinal)) == 1

    async def test_the_reply_is_begun_in_a_pause_and_nobody_knows(self) -> None:
        model = FakeModel(ANSWER)
        async with a_button(scripted(llm=model)) as button:
            button.press()
            await button.record([*recording(1_000), *[pcm(QUIET, 250)] * 4])
            assert len(model.asked) == 1
            assert button.line.client.all(ReplyStarted) == []
            assert button.trace == []
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert len(model.asked) == 1
            assert now() == button.let_go_at, "it was all there"

    async def test_a_pause_that_is_filled_takes_it_back_without_a_trace(self) -> None:
        model = FakeModel("Too soon.", ANSWER)
        async with a_button(scripted(llm=model)) as button:
            button.press()
            await button.record([*recording(1_000), *[pcm(QUIET, 250)] * 4, pcm(VOICE, 500)])
            button.let_go()
            completed = await button.line.client.until(ReplyCompleted)
            assert completed.text == ANSWER
            events = button.traced()
            assert len(events) == len(set(events))
            assert min(trace.at for trace in button.trace) == button.let_go_at

    @pytest.mark.parametrize("late_ms", [600, 2_000])
    async def test_blobs_that_come_late_leave_no_hole_in_the_sound(self, late_ms: int) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            blobs = recording(2_000)
            button.press()
            await button.record(blobs[:3])
            await anyio.sleep(late_ms / 1000)
            button.send(*blobs[3:])
            button.let_go()
            await button.waited_ms()
            loud = np.flatnonzero(ear.sound(0))
            assert len(loud) == loud[-1] - loud[0] + 1 == 32_000

    async def test_a_turn_that_is_too_long_is_answered_and_the_rest_is_heard_by_nobody(
        self,
    ) -> None:
        rules = Rules(sent_at_once=True, max_turn_ms=5_000)
        async with a_button(options=CallOptions(rules=rules)) as button:
            button.press()
            sound = pcm(VOICE, 250)
            await button.record([*recording(5_000), *[sound, pcm(QUIET, 250)] * 20])
            button.let_go()
            await anyio.sleep(20)
            assert len(button.line.client.all(UserFinal)) == 1
            assert button.line.client.moments(UserFinal)[0] == pytest.approx(1_005, abs=0.01)
            assert button.complaints == []
            assert [turn.status for turn in button.line.notebook.turns] == ["complete"]


class TestNothingToHear:
    async def test_a_turn_without_sound(self) -> None:
        async with a_button() as button:
            button.press()
            await anyio.sleep(1)
            button.let_go()
            await button.line.client.until(Problem)
            (complaint,) = button.complaints
            assert complaint.startswith(NO_AUDIO)
            assert now() - button.let_go_at == pytest.approx(0.15)
            assert button.traced() == []

    async def test_blobs_with_nothing_in_them_are_no_sound(self) -> None:
        async with a_button() as button:
            button.press()
            await button.record([b""] * 4)
            button.let_go()
            await button.line.client.until(Problem)
            assert button.complaints[0].startswith(NO_AUDIO)

    async def test_a_recording_without_a_single_packet(self) -> None:
        async with a_button() as button:
            button.press()
            button.send(blobs("chromium.webm")[0][:150])
            button.let_go()
            await button.line.client.until(Problem)
            assert button.complaints == ["There is no sound in the recording. Please record again."]

    async def test_silence_is_answered_with_the_request_to_repeat(self) -> None:
        model, stt = FakeModel(ANSWER), ScriptedRecognizer(transcripts=[""])
        async with a_button(scripted(stt=stt, llm=model)) as button:
            await button.ask(level=QUIET)
            completed = await button.line.client.until(ReplyCompleted)
            assert completed.text == LOW_CONFIDENCE_SENTENCE
            assert button.line.client.all(UserFinal)[0].text == ""
            assert button.line.client.sound_of(completed.reply).any()
            assert model.asked == []
            assert [event for event in button.traced() if event.startswith("llm")] == []
            assert [turn.status for turn in button.line.notebook.turns] == ["low_confidence"]

    async def test_words_that_are_not_believed_are_told_and_not_thought_about(self) -> None:
        model = FakeModel(ANSWER)
        stt = ScriptedRecognizer(transcripts=["mumble"], confidence=0.29)
        async with a_button(scripted(stt=stt, llm=model)) as button:
            await button.ask()
            completed = await button.line.client.until(ReplyCompleted)
            assert completed.text == LOW_CONFIDENCE_SENTENCE
            (final,) = button.line.client.all(UserFinal)
            assert (final.text, final.confidence) == ("mumble", 0.29)
            assert model.asked == []


class TestOneRecordingAfterTheOther:
    async def test_each_is_a_turn_and_hears_only_itself(self) -> None:
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            for count, level in enumerate((VOICE, QUIETER, 1_000), 1):
                await button.ask(1_300, level)
                await button.line.client.until(ReplyCompleted, count)
            finals = [final.text for final in button.line.client.all(UserFinal)]
            assert finals == list(QUESTIONS)
            assert [set(ear.sound(at).tolist()) for at in range(3)] == [
                {0, VOICE},
                {0, QUIETER},
                {0, 1_000},
            ]
            assert [ear.loud_ms(at) for at in range(3)] == [1_300] * 3

    async def test_one_that_ends_in_mid_speech_does_not_speak_on_in_the_next(self) -> None:
        """The next is too quiet for the voice detector: only the button says that it is one."""
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            await button.ask(1_000)
            await button.line.client.until(ReplyCompleted)
            button.press()
            await button.record(recording(1_000, 100))
            assert len(button.line.client.all(ReplyStarted)) == 1
            button.let_go()
            await button.line.client.until(ReplyCompleted, 2)
            assert ear.loud_ms(1) == 1_000

    async def test_the_next_turn_knows_of_it(self) -> None:
        model, stt = FakeModel(ANSWER), ScriptedRecognizer(transcripts=QUESTIONS)
        async with a_button(scripted(llm=model, stt=stt)) as button:
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            await anyio.sleep(5)
            await button.ask()
            await button.line.client.until(ReplyCompleted, 2)
            assert model.asked_last() == [
                ("user", QUESTIONS[0]),
                ("assistant", ANSWER),
                ("user", QUESTIONS[1]),
            ]


class TestEnginesInTrouble:
    async def test_a_recogniser_that_fails_while_the_button_is_held(self) -> None:
        stt = TroubledRecognizer("opening", raises(EngineFailed("The ear is blocked.")))
        async with a_button(scripted(stt=stt)) as button:
            await button.ask()
            completed = await button.line.client.until(ReplyCompleted)
            assert completed.text == HEARING_FAILED_SENTENCE
            await anyio.sleep(5)
            assert button.complaints == ["The ear is blocked."]
            await button.ask()
            await button.line.client.until(ReplyCompleted, 2)
            assert len(button.complaints) == 1

    async def test_a_model_that_fails_leaves_one_whole_trace_and_two_records(self) -> None:
        model = FakeModel(writes("It is", raises(EngineFailed("The model broke."))))
        async with a_button(scripted(llm=model)) as button:
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert button.complaints == ["The model broke."]
            events = button.traced()
            assert len(events) == len(set(events))
            assert (events[0], events[-1]) == ("turn_started", "turn_complete")
            assert len({trace.turn_id for trace in button.trace}) == 1
            first, apology = button.line.notebook.turns
            assert (first.status, apology.status) == ("failed", "complete")
            assert first.id != apology.id


class TestLeaving:
    async def test_in_mid_recording_nothing_is_kept_and_nothing_goes_on(self) -> None:
        notebook, stt = Notebook(), TroubledRecognizer("settling", hangs)
        async with a_button(scripted(stt=stt), notebook=notebook) as button:
            button.press()
            await button.record(recording(1_000))
            button.room.held = anyio.Event()
            button.send(pcm(VOICE, 250))
            await anyio.sleep(0.1)
            await button.line.hang_up()
            assert stt.left == 1
            assert notebook.turns == []

    async def test_between_letting_go_and_the_answer(self) -> None:
        stt = TroubledRecognizer("settling", hangs)
        async with a_button(scripted(stt=stt)) as button:
            await button.ask()
            await anyio.sleep(0.01)
            await button.line.hang_up()
            assert stt.left == 1
            assert button.complaints == []


async def test_a_button_describes_itself() -> None:
    async with a_button(options=AT_ONCE) as button:
        assert repr(button.push_to_talk) == "<PushToTalk free>"
        button.press()
        assert repr(button.push_to_talk) == "<PushToTalk held>"
        button.let_go()
        assert repr(button.push_to_talk) == "<PushToTalk free>"
