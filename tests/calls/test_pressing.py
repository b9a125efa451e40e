"""A button that is pressed and let go when nobody expects it."""

from __future__ import annotations

import anyio
import pytest

from repartee.conversation.told import (
    ReplyCompleted,
    ReplyInterrupted,
    UserFinal,
)
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.calls.fakes import FakeModel, hangs, writes
from tests.calls.line import VOICE, scripted
from tests.calls.recorder import Witness, a_button, recording
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.recordings.browser import NAMES, blobs

pytestmark = pytest.mark.anyio

QUESTIONS = ("What time is it?", "And in Rome?", "Thank you.")
ANSWER = "It is ten past four."
QUIETER = VOICE // 2
"""Another recording's level, so that its sound can be told from that of the first."""


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestPressingAtOddMoments:
    async def test_letting_go_of_nothing(self) -> None:
        async with a_button() as button:
            button.let_go()
            assert button.complaints == ['There is no turn to stop. Send {"type":"start"} first.']

    async def test_letting_go_twice(self) -> None:
        async with a_button() as button:
            await button.ask()
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert len(button.complaints) == 1
            assert len(button.line.client.all(UserFinal)) == 1

    async def test_sound_before_the_first_press_is_complained_about_once(self) -> None:
        async with a_button() as button:
            await button.record(recording(10_000))
            assert button.complaints == [
                'Sound came before a turn began. Send {"type":"start"} first.'
            ]
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert len(button.complaints) == 1

    async def test_a_second_press_begins_anew(self) -> None:
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            await button.record(recording(1_000))
            await button.ask(2_000, QUIETER)
            await button.line.client.until(ReplyCompleted)
            assert [final.text for final in button.line.client.all(UserFinal)] == [QUESTIONS[0]]
            assert set(ear.sound(1).tolist()) == {0, QUIETER}
            assert button.complaints == []

    async def test_of_one_that_is_turned_down_nothing_is_heard(self) -> None:
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            button.push_to_talk.turn_down()
            await button.record(recording(1_000))
            button.let_go()
            button.send(b"and the last piece of it")
            await button.ask(2_000, QUIETER)
            await button.line.client.until(ReplyCompleted)
            assert set(ear.sound(0).tolist()) == {0, QUIETER}
            assert button.complaints == []

    async def test_one_that_is_turned_down_ends_the_turn_that_is_still_held(self) -> None:
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            await button.record(recording(1_000))
            button.push_to_talk.turn_down()
            await button.record(recording(1_000, QUIETER))
            button.let_go()
            await anyio.sleep(1)
            assert button.line.call.conversation.turn is None
            assert QUIETER not in ear.sound(0)
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert button.complaints == []

    async def test_but_not_one_that_was_let_go(self) -> None:
        async with a_button() as button:
            await button.ask()
            button.push_to_talk.turn_down()
            await button.line.client.until(ReplyCompleted)

    async def test_a_press_during_a_reply_silences_it(self) -> None:
        model = FakeModel(writes("This goes on and on. And", hangs), ANSWER)
        stt = ScriptedRecognizer(transcripts=QUESTIONS)
        async with a_button(scripted(llm=model, stt=stt)) as button:
            await button.ask()
            await button.line.client.until(SoundOf)
            await anyio.sleep(0.5)
            sounds = len(button.line.client.all(SoundOf))
            button.press()
            assert [cut.reply for cut in button.line.client.all(ReplyInterrupted)] == [1]
            assert button.traced()[-1] == "turn_interrupted"
            assert len(button.line.client.all(SoundOf)) == sounds
            await button.ask()
            completed = await button.line.client.until(ReplyCompleted)
            assert (completed.reply, completed.text) == (2, ANSWER)
            assert [turn.status for turn in button.line.notebook.turns] == [
                "interrupted",
                "complete",
            ]

    async def test_a_press_while_the_reply_is_played_keeps_what_was_heard(self) -> None:
        async with a_button(scripted(llm=FakeModel(ANSWER))) as button:
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            await anyio.sleep(0.5)
            button.press()
            heard = [turn.heard_text for turn in button.line.notebook.turns]
            assert heard == [ANSWER, "It is ten"]
            assert len({turn.id for turn in button.line.notebook.turns}) == 1

    async def test_a_press_before_there_is_a_reply_cuts_the_turn_off(self) -> None:
        stt = ScriptedRecognizer(transcripts=QUESTIONS, settle_ms=500)
        async with a_button(scripted(stt=stt)) as button:
            await button.ask()
            await anyio.sleep(0.2)
            assert button.traced() == ["turn_started", "stt_start"]
            await button.ask()
            completed = await button.line.client.until(ReplyCompleted)
            assert button.traced()[2] == "turn_interrupted"
            assert completed.reply == 1
            assert len(button.line.client.all(UserFinal)) == 1

    @pytest.mark.parametrize("name", NAMES)
    async def test_the_last_blob_of_a_recording_that_was_outrun_by_the_next_press(
        self, name: str
    ) -> None:
        *before, last = blobs(name)
        async with a_button() as button:
            button.press()
            await button.record(before)
            button.let_go()
            button.press()
            button.send(last)
            await button.record(blobs(name))
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert button.complaints == []
            assert len(button.line.client.all(UserFinal)) == 1

    async def test_a_press_while_the_last_sound_is_being_decoded(self) -> None:
        """What was decoded is ready in the very moment in which its turn is given up."""
        ear = Witness(transcripts=QUESTIONS)
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            button.room.held = anyio.Event()
            button.send(*recording(1_000))
            await anyio.sleep(1)
            button.let_go()
            await anyio.sleep(0.5)
            button.room.held.set()
            button.press()
            button.room.held = None
            await button.record(recording(2_000, QUIETER))
            assert button.traced() == []
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert set(ear.sound(-1).tolist()) == {0, QUIETER}
            assert button.complaints == []

    async def test_an_error_in_what_was_given_up_concerns_nobody(self) -> None:
        async with a_button() as button:
            button.press()
            button.room.held = anyio.Event()
            button.send(b"\x89PNG" + bytes(100))
            await anyio.sleep(1)
            button.room.held.set()
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert button.complaints == []

    async def test_pressing_on_and_on(self) -> None:
        async with a_button() as button:
            for _ in range(200):
                button.press()
                button.send(*recording(500))
                button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert len(button.line.client.all(UserFinal)) == 1
            assert button.complaints == []
