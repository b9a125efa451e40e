"""A whole call: somebody speaks or types, engines work, and a client keeps what comes."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from repartee.calls.clock import now
from repartee.conversation import events as ev
from repartee.conversation.told import (
    Problem,
    ReplyCompleted,
    ReplyInterrupted,
    ReplyPiece,
    ReplyStarted,
    UserFinal,
    UserPartial,
)
from repartee.engines.protocols import Speech
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import UnknownVoice
from tests.calls.fakes import FakeModel, TroubledRecognizer, hangs, tokens, writes
from tests.calls.line import CAREFUL, VOICE, Line, Notebook, on_the_line, pcm, scripted
from tests.calls.recording_client import Got, SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."
LETTER_MS = 60
"""How long the scripted voice takes for each letter."""

ONE, TWO = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestASpokenTurn:
    async def test_it_goes_from_voice_to_voice(self) -> None:
        engines = scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=FakeModel(ANSWER))
        async with on_the_line(engines) as line:
            await line.ask_aloud()
            completed = await line.client.until(ReplyCompleted)
            assert completed == ReplyCompleted(completed.reply, "spoken", ANSWER)
            (final,) = line.client.all(UserFinal)
            assert (final.text, final.confidence) == (QUESTION, 0.95)
            assert line.client.all(UserPartial)[0].text == "What"
            assert "".join(piece.text for piece in line.client.all(ReplyPiece)).strip() == ANSWER
            order: list[type[Got]] = [
                UserPartial,
                UserFinal,
                ReplyStarted,
                SoundOf,
                ReplyCompleted,
            ]
            assert line.client.order_of(*order) == order

    async def test_it_is_kept_when_it_is_complete(self) -> None:
        engines = scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=FakeModel(ANSWER))
        async with on_the_line(engines) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            (turn,) = line.notebook.turns
            assert (turn.user_text, turn.assistant_text, turn.heard_text) == (
                QUESTION,
                ANSWER,
                ANSWER,
            )
            assert (turn.mode, turn.status) == ("spoken", "complete")

    async def test_it_is_told_complete_only_when_it_is_kept(self) -> None:
        kept = asyncio.get_running_loop().create_future()
        async with on_the_line(notebook=Notebook(kept=kept)) as line:
            await line.ask_aloud()
            await line.client.until(SoundOf)
            await anyio.sleep(10)
            assert line.notebook.turns != []
            assert line.client.all(ReplyCompleted) == []
            kept.set_result(True)
            await line.client.until(ReplyCompleted)

    async def test_a_database_that_stands_still_delays_no_sound(self) -> None:
        never = asyncio.get_running_loop().create_future()
        async with on_the_line(notebook=Notebook(kept=never)) as line:
            for turn in (1, 2):
                await line.ask_aloud()
                await line.client.until(SoundOf, turn)
                await anyio.sleep(10)
            assert [what.reply for what in line.client.all(ReplyStarted)] == [1, 2]
            assert {what.reply for what in line.client.all(SoundOf)} == {1, 2}

    async def test_whoever_speaks_learns_that_it_is_lost(self) -> None:
        async with on_the_line(notebook=Notebook(keeps=False)) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            await line.client.until(Problem)
            assert line.client.problem_codes() == ["turn_not_saved"]

    async def test_it_is_complete_when_the_last_of_it_was_heard(self) -> None:
        async with on_the_line(scripted(llm=FakeModel(ANSWER))) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            began, ended = line.client.moments(SoundOf)[0], line.client.moments(ReplyCompleted)[0]
            letters = len(ANSWER.replace(" ", ""))
            assert ended - began == pytest.approx(letters * LETTER_MS / 1000, abs=0.01)

    async def test_its_sound_begins_before_the_model_has_written_the_end(self) -> None:
        async def until_it_is_heard() -> None:
            await line.client.until(SoundOf)

        half = writes("Here is the first half of it. And", until_it_is_heard, "here the second.")
        async with on_the_line(scripted(llm=FakeModel(half))) as line:
            await line.ask_aloud()
            completed = await line.client.until(ReplyCompleted)
            assert completed.text.endswith("second.")
            first_sound = line.client.moments(SoundOf)[0]
            last_text = line.client.moments(ReplyPiece)[-1]
            assert first_sound <= last_text

    async def test_nobody_learns_of_a_reply_that_was_begun_in_a_mere_pause(self) -> None:
        model = FakeModel("A reply too soon.", ANSWER)
        stt = ScriptedRecognizer(transcripts=["Tell me more"])
        async with on_the_line(scripted(stt=stt, llm=model)) as line:
            await line.speak(600)
            await line.be_quiet(256)
            await line.speak(600)
            await line.be_quiet(1_500)
            completed = await line.client.until(ReplyCompleted)
            assert len(model.asked) == 2
            assert completed.text == ANSWER
            assert len(line.client.all(ReplyStarted)) == 1
            assert {sound.reply for sound in line.client.all(SoundOf)} == {completed.reply}
            assert len(line.notebook.turns) == 1

    async def test_the_next_turn_knows_of_it(self) -> None:
        model = FakeModel(ANSWER, "You are welcome.")
        stt = ScriptedRecognizer(transcripts=[QUESTION, "Thank you."])
        async with on_the_line(scripted(stt=stt, llm=model)) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            await line.ask_aloud()
            await line.client.until(ReplyCompleted, 2)
            assert model.asked_last() == [
                ("user", QUESTION),
                ("assistant", ANSWER),
                ("user", "Thank you."),
            ]


class TestATypedTurn:
    async def test_it_is_answered_in_text_and_whole_phrases_of_sound(self) -> None:
        async with on_the_line(scripted(llm=FakeModel(ANSWER))) as line:
            line.call.happened(ev.Typed(QUESTION))
            completed = await line.client.until(ReplyCompleted)
            assert completed == ReplyCompleted(1, "typed", ANSWER)
            phrases = [sound.text for sound in line.client.all(SoundOf)]
            assert " ".join(str(phrase) for phrase in phrases) == ANSWER
            assert len(phrases) > 1

    async def test_it_is_complete_long_before_it_is_heard(self) -> None:
        async with on_the_line(scripted(llm=FakeModel(ANSWER))) as line:
            began = now()
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(ReplyCompleted)
            assert now() - began < 0.5

    async def test_a_second_message_ends_the_first_reply(self) -> None:
        slow = writes("This is the first.", hangs)
        async with on_the_line(scripted(llm=FakeModel(slow, ANSWER))) as line:
            line.call.happened(ev.Typed("first"))
            await line.client.until(SoundOf)
            line.call.happened(ev.Typed("second"))
            completed = await line.client.until(ReplyCompleted)
            assert completed == ReplyCompleted(2, "typed", ANSWER)
            assert [what.reply for what in line.client.all(ReplyInterrupted)] == [1]


class TestTwoCalls:
    async def test_they_never_hear_of_each_other(self) -> None:
        model = FakeModel(ANSWER)
        engines = scripted(llm=model)
        async with (
            on_the_line(engines, name=ONE) as one,
            on_the_line(engines, name=TWO) as other,
            anyio.create_task_group() as tasks,
        ):

            async def chat(line: Line, word: str) -> None:
                for turn in range(1, 4):
                    line.call.happened(ev.Typed(f"{word} {turn}"))
                    await line.client.until(ReplyCompleted, turn)

            tasks.start_soon(chat, one, "marmalade")
            tasks.start_soon(chat, other, "mustard")
        for messages in model.asked:
            words = {word for word in ("marmalade", "mustard") if word in str(messages)}
            assert len(words) == 1
        assert [len(line.notebook.turns) for line in (one, other)] == [3, 3]
        assert {turn.user_text.split()[0] for turn in one.notebook.turns} == {"marmalade"}
        assert sorted(model.released) == [ONE, TWO]

    async def test_engines_tell_them_apart(self) -> None:
        stt = ScriptedRecognizer(transcripts=["First words.", "Second words."])
        engines = scripted(stt=stt)
        async with on_the_line(engines, name=ONE) as one, on_the_line(engines, name=TWO) as other:
            for line in (one, other):
                await line.ask_aloud()
                await line.client.until(ReplyCompleted)
                assert [final.text for final in line.client.all(UserFinal)] == ["First words."]

    async def test_an_interrupt_in_one_leaves_the_other_alone(self) -> None:
        engines = scripted(llm=FakeModel(ANSWER))
        async with on_the_line(engines, name=ONE) as one, on_the_line(engines, name=TWO) as other:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(one.ask_until_it_is_heard)
                tasks.start_soon(other.ask_until_it_is_heard)
            one.call.happened(ev.InterruptRequested())
            completed = await other.client.until(ReplyCompleted)
            assert completed.text == ANSWER
            assert other.client.all(ReplyInterrupted) == []
            assert one.client.all(ReplyCompleted) == []

    async def test_the_end_of_one_leaves_the_other_alone(self) -> None:
        engines = scripted(llm=FakeModel(ANSWER))
        async with on_the_line(engines, name=ONE) as one, on_the_line(engines, name=TWO) as other:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(one.ask_until_it_is_heard)
                tasks.start_soon(other.ask_until_it_is_heard)
            await one.hang_up()
            assert (await other.client.until(ReplyCompleted)).text == ANSWER


class TestWhatAClientMayWish:
    async def test_another_voice_from_the_next_reply_on(self) -> None:
        async with on_the_line(scripted(llm=FakeModel("Good morning."))) as line:
            line.call.happened(ev.Typed("hello"))
            await line.client.until(ReplyCompleted)
            line.call.set_speech(Speech("am_adam", "en", 2.0))
            line.call.happened(ev.Typed("hello"))
            await line.client.until(ReplyCompleted, 2)
            first, second = (line.client.sound_of(reply) for reply in (1, 2))
            assert len(first) == 2 * len(second)

    async def test_a_voice_that_nobody_has_changes_nothing(self) -> None:
        async with on_the_line() as line:
            before = line.call.speech
            with pytest.raises(UnknownVoice):
                line.call.set_speech(Speech("nobody"))
            assert line.call.speech == before

    async def test_sound_at_another_rate(self) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTION])
        async with on_the_line(scripted(stt=stt)) as line:
            line.call.set_sample_rate(48_000)
            for level in (VOICE, 0):
                for _ in range(12):
                    await anyio.sleep(0.1)
                    line.call.hear(pcm(level, 100, 48_000))
            await line.client.until(ReplyCompleted)
            assert [final.text for final in line.client.all(UserFinal)] == [QUESTION]

    async def test_more_sound_than_can_be_heard_is_dropped_and_told(self) -> None:
        async with on_the_line() as line:
            for _ in range(70):
                line.call.hear(pcm(0, 1_000))
            assert set(line.client.problem_codes()) == {"too_much_audio"}
            await anyio.sleep(1)
            line.call.happened(ev.Typed("hello"))
            await line.client.until(ReplyCompleted)


class TestTheEnd:
    async def test_a_reply_ends_with_its_call_and_is_kept_as_far_as_it_was_heard(self) -> None:
        model = FakeModel(lambda: tokens("Over and over it goes. " * 100, every_seconds=0.2))
        async with on_the_line(scripted(llm=model), CAREFUL) as line:
            await line.ask_until_it_is_heard()
            await anyio.sleep(1)
            await line.hang_up()
            came = len(line.client.all(SoundOf))
            await anyio.sleep(60)
            assert len(line.client.all(SoundOf)) == came
            assert model.left == 1
            assert model.released == [line.call.id]
            (turn,) = line.notebook.turns
            assert turn.status == "interrupted"
            assert 0 < len(turn.heard_text) < len(turn.assistant_text)

    async def test_a_hearing_ends_with_its_call(self) -> None:
        recognizer = TroubledRecognizer("settling", hangs)
        async with on_the_line(scripted(stt=recognizer)) as line:
            await line.speak(600)
            await line.hang_up()
            assert recognizer.left == 1

    async def test_what_comes_later_is_ignored(self) -> None:
        async with on_the_line() as line:
            await line.hang_up()
            told = len(line.client.log)
            line.call.happened(ev.Typed("hello?"))
            line.call.hear(pcm(VOICE, 1_000))
            line.call.listener_played(1, 100)
            await anyio.sleep(60)
            assert len(line.client.log) == told

    async def test_nothing_is_kept_of_a_call_in_which_nothing_was_said(self) -> None:
        async with on_the_line() as line:
            await line.be_quiet(3_000)
            await line.hang_up()
            assert line.notebook.turns == []
            assert line.client.log == []
