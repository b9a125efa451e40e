"""A button: a recording comes in pieces while it is held, and is answered when it is let go."""

from __future__ import annotations

import anyio
import numpy as np
import pytest

from repartee.audio.decoding import Limits
from repartee.audio.wav import wav_bytes
from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.conversation import Rules
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, LOW_CONFIDENCE_SENTENCE
from repartee.conversation.told import (
    Problem,
    ReplyCompleted,
    ReplyInterrupted,
    ReplyStarted,
    UserFinal,
    UserPartial,
)
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from tests.calls.fakes import FakeModel, TroubledRecognizer, hangs, raises, writes
from tests.calls.line import QUIET, VOICE, Notebook, pcm, scripted
from tests.calls.recorder import AT_ONCE, Witness, a_button, recording
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.recordings.browser import NAMES, blobs, timed_blobs

pytestmark = pytest.mark.anyio

QUESTIONS = ("What time is it?", "And in Rome?", "Thank you.")
ANSWER = "It is ten past four."
NO_AUDIO = "No audio received."
QUIETER = VOICE // 2
"""Another recording's level, so that its sound can be told from that of the first."""


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestTheEndOfARecording:
    async def test_the_last_blob_is_waited_for(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            *before, last = recording(2_000)
            button.press()
            await button.record(before)
            await anyio.sleep(0.25)
            button.let_go()
            await anyio.sleep(0.04)
            button.send(last)
            assert await button.waited_ms() == 40, "and then nothing more is waited for"
            assert ear.loud_ms(0) == 2_000

    async def test_a_silence_of_150_ms_means_that_there_is_none(self) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(1_750))
            await anyio.sleep(0.25)
            button.let_go()
            assert await button.waited_ms() == 150

    async def test_that_silence_is_counted_from_the_latest_blob(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            blobs = recording(2_000)
            button.press()
            await button.record(blobs[:5])
            await anyio.sleep(0.75)
            button.let_go()
            for late in (blobs[5], b"", blobs[6], blobs[7]):
                await anyio.sleep(0.14)
                button.send(late)
            assert await button.waited_ms() == 4 * 140, "and then all of it is there"
            assert ear.loud_ms(0) == 2_000

    async def test_what_covers_the_whole_time_is_not_waited_for(self) -> None:
        async with a_button() as button:
            await button.ask(2_000)
            assert await button.waited_ms() == 0

    @pytest.mark.parametrize("missing_ms", [0, 50, 70, 200])
    async def test_up_to_a_packet_may_be_missing(self, missing_ms: int) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(2_000))
            await anyio.sleep(missing_ms / 1000)
            button.let_go()
            assert await button.waited_ms() == (0 if missing_ms <= 60 else 150)

    async def test_blobs_that_came_late_do_not_hide_that_one_is_missing(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            first, *others, last = recording(2_000)
            button.press()
            await anyio.sleep(0.45)
            button.send(first)  # 200 ms late
            await anyio.sleep(0.05)
            button.send(others[0])
            await button.record(others[1:])
            await anyio.sleep(0.25)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(last)
            await button.waited_ms()
            assert ear.loud_ms(0) == 2_000

    async def test_a_container_that_has_ended_is_not_waited_for(self) -> None:
        async with a_button() as button:
            button.press()
            button.send(wav_bytes(np.full(32_000, VOICE, np.int16), 16_000))
            await anyio.sleep(10)
            button.let_go()
            assert await button.waited_ms() == 0

    async def test_what_came_faster_than_it_was_made_says_nothing_about_the_time(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            *before, last = recording(2_000)
            button.press()
            button.send(*before)
            await anyio.sleep(0.01)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(last)
            assert await button.waited_ms() == 250
            assert ear.loud_ms(0) == 2_000

    async def test_all_of_it_may_come_after_the_button_was_let_go(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            await anyio.sleep(2)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(b"".join(recording(2_000)))
            await button.waited_ms()
            assert ear.loud_ms(0) == 2_000

    async def test_what_comes_after_it_was_given_up_is_not_missed(self) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(1_000))
            await anyio.sleep(0.2)
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            button.send(pcm(VOICE, 250))
            await anyio.sleep(1)
            assert button.complaints == []
            assert len(button.line.client.all(UserFinal)) == 1

    @pytest.mark.parametrize("name", NAMES)
    async def test_browsers_recordings_need_no_wait(self, name: str) -> None:
        async with a_button() as button:
            button.press()
            began = now()
            for at, blob in timed_blobs(name):
                await anyio.sleep(max(began + at + 0.02 - now(), 0))
                button.send(blob)
            button.let_go()
            assert await button.waited_ms() == 0
            assert button.complaints == []


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


class TestWhatCannotBeDecoded:
    @pytest.mark.parametrize(
        ("sound", "complaint"),
        [
            (b"\x89PNG\r\n\x1a\n" + bytes(5_000), "This is a PNG picture, not a sound recording."),
            (b"hello " * 1_000, "This is not a recording that can be decoded."),
            (pcm(VOICE, 250), "This is not a recording that can be decoded."),
        ],
    )
    async def test_it_is_said_once_and_at_once_and_the_next_turn_works(
        self, sound: bytes, complaint: str
    ) -> None:
        async with a_button() as button:
            button.press()
            button.send(sound)
            await anyio.sleep(0.001)
            assert len(button.complaints) == 1
            assert button.complaints[0].startswith(complaint)
            await button.record([sound] * 20)
            button.let_go()
            await anyio.sleep(1)
            assert len(button.complaints) == 1
            assert button.traced() == []
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert len(button.complaints) == 1

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_recording_may_break_off_anywhere(self, name: str) -> None:
        whole = b"".join(blobs(name))
        cuts = [1, 15, 16, 17, 100, *range(len(whole) // 6, len(whole), len(whole) // 6)]
        async with a_button() as button:
            for turn, cut in enumerate(cuts, 1):
                button.press()
                button.send(whole[:cut])
                await anyio.sleep(0.1)
                button.let_go()
                await anyio.sleep(30)
                answers = button.line.client.all(ReplyCompleted)
                assert len(answers) + len(button.complaints) == turn
            assert len(button.line.client.all(ReplyCompleted)) >= 5
            assert all(complaint.endswith(".") for complaint in button.complaints)

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_recording_may_be_cut_into_pieces_of_any_size(self, name: str) -> None:
        whole, ear = b"".join(blobs(name)), Witness()
        sizes = [1, 7, 100, 16_000, len(whole)]
        async with a_button(scripted(stt=ear)) as button:
            for count, size in enumerate(sizes, 1):
                button.press()
                button.send(*(whole[at : at + size] for at in range(0, len(whole), size)))
                await anyio.sleep(0.5)
                button.let_go()
                await button.line.client.until(ReplyCompleted, count)
            assert button.complaints == []
            assert len({len(ear.sound(at)) for at in range(len(sizes))}) == 1

    async def test_a_hundred_megabytes_are_refused_and_not_kept(self) -> None:
        async with a_button(limits=Limits(most_bytes=8 << 20, most_seconds=1e9)) as button:
            button.press()
            button.send(*recording(250))
            for _ in range(100):
                button.send(bytes(1 << 20))
            button.let_go()
            await button.line.client.until(Problem)
            assert button.complaints == ["The recording is larger than 8 MB. Please send less."]
            await button.ask()
            await button.line.client.until(ReplyCompleted)

    async def test_more_sound_than_fits_into_a_turn_is_refused(self) -> None:
        async with a_button(limits=Limits(most_seconds=10)) as button:
            button.press()
            button.send(*recording(11_000))
            await anyio.sleep(0.001)
            assert button.complaints == [
                "The recording is longer than 10 seconds. Please send less."
            ]

    async def test_minutes_that_come_at_once_are_heard_whole(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            button.send(*recording(100_000))
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert ear.loud_ms(0) == 100_000
            assert button.complaints == []

    async def test_a_decoder_that_breaks_is_no_reason_to_end_the_call(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with a_button() as button:
            button.room.fails = OSError("/secret/path")
            await button.ask()
            assert button.complaints == ["The recording could not be decoded. Please record again."]
            assert "/secret/path" in caplog.text
            button.room.fails = None
            await button.ask()
            await button.line.client.until(ReplyCompleted)


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
