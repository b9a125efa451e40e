"""On the line: a caller whose answer is late is asked to wait, and then it comes, whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import anyio
import msgspec
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.calls.pressure import Load, Pressure, Step
from repartee.conversation import Rules
from repartee.conversation import events as ev
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.told import (
    ReplyCompleted,
    ReplyInterrupted,
    ReplyPiece,
    ReplyStarted,
    Traced,
)
from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.whole import whole_sound
from tests.calls.fakes import (
    FakeModel,
    hangs,
    writes,
)
from tests.calls.late_engines import ANSWER, SAID, ManyAtATime, OneAtATime, slow_model, sound_of
from tests.calls.line import Line, on_the_line, scripted
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

HOLDING_SENTENCE = holding_sentence("en")
WAITS = CallOptions(rules=Rules(hold_after_ms=1_700))
AT_ONCE = CallOptions(rules=Rules(hold_after_ms=1_700, sent_at_once=True))
QUESTION = "What time is it?"


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def first_sound_at(line: Line) -> float:
    return line.client.moments(SoundOf)[0]


class TestTheModelIsLate:
    @pytest.mark.parametrize("seconds", [1.8, 2.0, 3.0, 9.0])
    async def test_what_is_heard_is_the_word_to_wait_and_then_the_answer(
        self, seconds: float
    ) -> None:
        """One after the other, neither of them cut, whenever the answer comes."""
        async with on_the_line(scripted(llm=slow_model(seconds)), WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            outcome = await line.client.until(ReplyCompleted)
            heard = line.client.sound_of(outcome.reply)
            assert np.array_equal(
                heard,
                await sound_of(HOLDING_SENTENCE, "It is ten past four.", "The sun is still up."),
            )
            assert outcome.text.strip() == ANSWER

    async def test_in_time(self) -> None:
        async with on_the_line(scripted(llm=slow_model()), WAITS) as line:
            await line.speak(1_200)
            finished_at = line.call.quiet_since
            await line.be_quiet(1_500)
            await line.client.until(SoundOf)
            assert 1.7 < first_sound_at(line) - finished_at < 2.0

    async def test_nothing_of_that_is_written_kept_or_shown_to_the_model(self) -> None:
        model = slow_model()
        async with on_the_line(scripted(llm=model), WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(ReplyCompleted)
            line.call.happened(ev.PlaybackEnded(1))
            line.call.happened(ev.Typed("Thank you."))
            await line.client.until(ReplyCompleted, 2)
            told = [piece.text for piece in line.client.all(ReplyPiece)]
            captions = [sound.text for sound in line.client.all(SoundOf)]
            shown = [text for _, text in model.asked_last()]
            kept = [turn.assistant_text + turn.heard_text for turn in line.notebook.turns]
            for words in (told, captions, shown, kept):
                assert HOLDING_SENTENCE not in " ".join(word or "" for word in words)
            assert line.notebook.turns[0].heard_text == ANSWER

    @pytest.mark.parametrize("options", [WAITS, AT_ONCE])
    async def test_how_far_the_answer_was_heard_is_known_to_the_word(
        self, options: CallOptions
    ) -> None:
        async with on_the_line(scripted(llm=slow_model()), options) as line:
            await line.ask_aloud()
            reply = (await line.client.until(ReplyStarted)).reply
            await line.client.until(SoundOf)
            before_ms = len(await sound_of(HOLDING_SENTENCE)) // 24
            await anyio.sleep(first_sound_at(line) + before_ms / 1000 + 0.3 - now())
            line.call.listener_played(reply, before_ms + 60 * len("Itisten") + 1)
            line.call.happened(ev.InterruptRequested())
            assert line.call.conversation.memory.messages[-1].content == "It is ten"

    async def test_whoever_speaks_over_it_is_listened_to(self) -> None:
        engines = scripted(llm=FakeModel(writes("", hangs), "Very well."))
        async with on_the_line(engines, WAITS) as line:
            await line.ask_until_it_is_heard()
            await line.speak(1_200)
            await line.be_quiet(1_500)
            assert line.client.all(ReplyInterrupted) == [ReplyInterrupted(1, "spoken", "")]
            assert (await line.client.until(ReplyCompleted)).text.strip() == "Very well."

    async def test_the_trace_tells_why(self) -> None:
        async with on_the_line(scripted(llm=slow_model()), WAITS) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            await anyio.sleep(0.01)
            traces = {trace.event: trace for trace in line.client.all(Traced)}
            why = traces["asked_to_hold"].why
            assert why is not None
            assert why["stage"] == "llm_first_token"
            assert why["sentence"].startswith("Finding the first word of the answer has taken ")
            last = traces["turn_complete"]
            assert last.why is not None
            assert "The caller was asked to wait after" in last.why["sentence"]
            assert last.latency is not None
            assert last.latency["first_audio_ms"] > 3_000  # that of the answer


class TestTheVoiceIsLate:
    async def test_and_had_the_word_to_wait_ready(self) -> None:
        voice = Cached(ManyAtATime(SAID[0], seconds=3.0), 1 << 20)
        await whole_sound(voice, HOLDING_SENTENCE, Speech())
        async with on_the_line(scripted(llm=FakeModel(ANSWER), tts=voice), WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(SoundOf)
            reply = (await line.client.until(ReplyCompleted)).reply
            first = await sound_of(HOLDING_SENTENCE)
            assert np.array_equal(line.client.sound_of(reply)[: len(first)], first)

    async def test_and_is_not_asked_for_more_where_that_has_to_be_spoken_first(self) -> None:
        voice = OneAtATime(seconds=3.0)
        engines = scripted(llm=FakeModel(ANSWER), tts=voice)
        async with on_the_line(engines, WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(ReplyCompleted)
            assert HOLDING_SENTENCE not in voice.asked

    async def test_and_what_is_asked_of_it_does_not_hold_up_the_answer(self) -> None:
        """The answer is there before the sentence is: the voice is spared the rest of that."""
        voice = ManyAtATime(HOLDING_SENTENCE, seconds=4.0)
        async with on_the_line(scripted(llm=slow_model(2.0), tts=voice), WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            reply = (await line.client.until(ReplyCompleted)).reply
            assert voice.given_up == [HOLDING_SENTENCE]
            assert np.array_equal(line.client.sound_of(reply), await sound_of(*SAID))

    async def test_and_comes_when_the_caller_has_begun_to_speak(self) -> None:
        """Nobody is spoken to in mid-word."""
        voice = ManyAtATime(HOLDING_SENTENCE, seconds=1.0)
        engines = scripted(llm=FakeModel(writes("", hangs)), tts=voice)
        async with on_the_line(engines, WAITS) as line:
            await line.speak(1_200)
            await line.be_quiet(2_300)
            await line.speak(300)
            assert voice.given_up == [HOLDING_SENTENCE]
            await line.be_quiet(3_000)
            assert len(line.client.sound_of(1)) == 0

    async def test_and_says_nothing_at_all_and_the_text_still_goes_out(self) -> None:
        class Dead(ScriptedSynthesizer):
            async def synthesize(self, text, speech):  # type: ignore[no-untyped-def]
                await hangs()
                yield

        async with on_the_line(scripted(llm=FakeModel(ANSWER), tts=Dead()), WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            outcome = await line.client.until(ReplyCompleted)
            assert outcome.text == ANSWER
            assert line.client.all(SoundOf) == []
            assert line.client.problem_codes() == ["speaking_failed"]

    async def test_what_is_said_first_comes_too_late_for_an_answer_that_is_there(self) -> None:
        class SlowToSayIt(ScriptedSynthesizer):
            async def synthesize(self, text, speech):  # type: ignore[no-untyped-def]
                await anyio.sleep(1.0 if text == HOLDING_SENTENCE else 0.0)
                async for sound in super().synthesize(text, speech):
                    yield sound

        engines = scripted(llm=slow_model(2.0), tts=SlowToSayIt())
        async with on_the_line(engines, WAITS) as line:
            line.call.happened(ev.Typed(QUESTION))
            reply = (await line.client.until(ReplyCompleted)).reply
            assert np.array_equal(
                line.client.sound_of(reply),
                await sound_of(*SAID),
            )


async def test_the_first_of_it_is_a_phrase_without_words() -> None:
    """Players that lay the words over the sound know by that where the answer begins."""
    async with on_the_line(scripted(llm=slow_model()), WAITS) as line:
        await line.ask_aloud()
        await line.client.until(ReplyCompleted)
        phrases = [sound.text for sound in line.client.all(SoundOf) if sound.text is not None]
        assert phrases == ["", *SAID]


async def test_it_is_said_in_the_language_of_the_call() -> None:
    asked: list[tuple[str, str]] = []

    class Polyglot(ScriptedSynthesizer):
        def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
            asked.append((text, speech.language))
            return super().synthesize(text, speech)

    rules, speech = Rules(hold_after_ms=1_700, language="de"), Speech(language="de")
    engines = scripted(llm=slow_model(), tts=Polyglot())
    async with on_the_line(engines, CallOptions(rules=rules, speech=speech)) as line:
        line.call.happened(ev.Typed(QUESTION))
        await line.client.until(ReplyCompleted)
        assert asked[0] == (holding_sentence("de"), "de")


async def test_nothing_is_said_where_the_server_can_do_no_more_than_answer() -> None:
    pressure = Pressure()
    pressure.note(Load(haste=0.9), 0.0)
    assert pressure.step is Step.SHORTER
    options = msgspec.structs.replace(WAITS, pressure=pressure)
    async with on_the_line(scripted(llm=slow_model()), options) as line:
        line.call.happened(ev.Typed(QUESTION))
        reply = (await line.client.until(ReplyCompleted)).reply
        assert np.array_equal(line.client.sound_of(reply), await sound_of(*SAID))


async def test_engines_that_are_well_are_never_covered_up() -> None:
    async with on_the_line(scripted(llm=FakeModel(ANSWER)), WAITS) as line:
        await line.ask_aloud()
        reply = (await line.client.until(ReplyCompleted)).reply
        assert np.array_equal(
            line.client.sound_of(reply),
            await sound_of(*SAID),
        )


async def test_it_is_said_in_the_voice_and_at_the_pace_of_the_call() -> None:
    speech = Speech(voice="am_adam", speed=1.5)
    options = msgspec.structs.replace(WAITS, speech=speech)
    async with on_the_line(scripted(llm=slow_model()), options) as line:
        line.call.happened(ev.Typed(QUESTION))
        reply = (await line.client.until(ReplyCompleted)).reply
        first = (await whole_sound(ScriptedSynthesizer(), HOLDING_SENTENCE, speech)).samples
        assert np.array_equal(line.client.sound_of(reply)[: len(first) - 24], first[:-24])
