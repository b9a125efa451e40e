"""Engines that fail or hang: it is told, apologised for, and the call goes on."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest

from repartee.calls.options import CallOptions
from repartee.conversation import events as ev
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, THINKING_FAILED_SENTENCE
from repartee.conversation.told import Problem, ReplyCompleted
from repartee.engines.protocols import Caller, Message, Speech
from repartee.errors import EngineFailed
from tests.calls.fakes import (
    FakeModel,
    Trouble,
    TroubledRecognizer,
    TroubledVoice,
    Where,
    hangs,
    raises,
    writes,
)
from tests.calls.line import CAREFUL, on_the_line, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestARecogniserInTrouble:
    @pytest.mark.parametrize("where", ["opening", "partials", "settling"])
    async def test_one_that_fails_is_told_and_apologised_for_and_the_call_goes_on(
        self, where: Where
    ) -> None:
        deaf = TroubledRecognizer(where, raises(EngineFailed("The ear is blocked.")), QUESTION)
        async with on_the_line(scripted(stt=deaf, llm=FakeModel(ANSWER))) as line:
            await line.ask_aloud()
            apology = await line.client.until(ReplyCompleted)
            assert apology.text == HEARING_FAILED_SENTENCE
            assert len(line.client.sound_of(apology.reply)) > 0
            assert line.client.all(Problem) == [Problem("The ear is blocked.", "hearing_failed")]
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted, 2)).text == ANSWER

    @pytest.mark.parametrize("where", ["opening", "settling"])
    async def test_one_that_hangs_is_given_up(self, where: Where) -> None:
        stuck = TroubledRecognizer(where, hangs, QUESTION)
        async with on_the_line(scripted(stt=stuck, llm=FakeModel(ANSWER))) as line:
            await line.ask_aloud()
            apology = await line.client.until(ReplyCompleted)
            assert apology.text == HEARING_FAILED_SENTENCE
            assert line.client.problem_codes() == ["hearing_failed"]
            assert stuck.left == 1
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted, 2)).text == ANSWER

    async def test_one_without_partials_is_good_enough(self) -> None:
        mute = TroubledRecognizer("partials", hangs, QUESTION)
        async with on_the_line(scripted(stt=mute, llm=FakeModel(ANSWER))) as line:
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted)).text == ANSWER
            assert line.client.problem_codes() == []


class TestAModelInTrouble:
    @pytest.mark.parametrize("trouble", [raises(EngineFailed("It is tired.")), hangs])
    @pytest.mark.parametrize("begun", ["", "It is ten past four, as everybody knows."])
    @pytest.mark.parametrize("aloud", [True, False])
    async def test_it_is_told_and_apologised_for_and_the_call_goes_on(
        self, trouble: Trouble, begun: str, aloud: bool
    ) -> None:
        model = FakeModel(writes(begun, trouble), ANSWER)
        async with on_the_line(scripted(llm=model), CAREFUL) as line:
            if aloud:
                await line.ask_aloud()
            else:
                line.call.happened(ev.Typed(QUESTION))
            apology = await line.client.until(ReplyCompleted)
            assert apology.text == THINKING_FAILED_SENTENCE
            assert len(line.client.sound_of(apology.reply)) > 0
            assert line.client.problem_codes() == ["thinking_failed"]
            assert model.left == 1
            await anyio.sleep(10)
            line.call.happened(ev.Typed("Once more."))
            assert (await line.client.until(ReplyCompleted, 2)).text == ANSWER

    async def test_what_was_heard_before_it_failed_stays_true(self) -> None:
        text = "It is ten past four."
        model = FakeModel(writes(text, hangs), ANSWER)
        async with on_the_line(scripted(llm=model), CAREFUL) as line:
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(ReplyCompleted)
            line.call.happened(ev.Typed("Once more."))
            await line.client.until(ReplyCompleted, 2)
            assert ("assistant", text) in model.asked_last()
            assert THINKING_FAILED_SENTENCE not in str(model.asked[-1])

    async def test_nobody_learns_of_an_attempt_in_a_mere_pause_that_failed(self) -> None:
        model = FakeModel(writes("", raises(EngineFailed("It is tired."))), ANSWER)
        async with on_the_line(scripted(llm=model)) as line:
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted)).text == ANSWER
            assert line.client.problem_codes() == []

    @pytest.mark.parametrize("trouble", [raises(OSError("/secret/path")), hangs])
    async def test_one_that_cannot_read_ahead_answers_all_the_same(self, trouble: Trouble) -> None:
        class SlowReader(FakeModel):
            async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
                await trouble()

        async with on_the_line(scripted(llm=SlowReader(ANSWER))) as line:
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted)).text == ANSWER
            assert line.client.problem_codes() == []

    async def test_one_that_answers_nothing_has_failed(self) -> None:
        async with on_the_line(scripted(llm=FakeModel("", ANSWER)), CAREFUL) as line:
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted)).text == THINKING_FAILED_SENTENCE

    async def test_one_that_is_ahead_of_a_slow_voice_is_not_late(self) -> None:
        """At a quarter of the speed this reply takes far longer to say than a model may think."""
        sentence = (
            "It goes on, and nobody knows when it will be over, nor does anybody want to know."
        )
        text = " ".join([sentence] * 15)
        slow = CallOptions(speech=Speech(speed=0.25))
        async with on_the_line(scripted(llm=FakeModel(text)), slow) as line:
            await line.ask_aloud()
            assert (await line.client.until(ReplyCompleted)).text == text
            assert line.client.problem_codes() == []


class TestAVoiceInTrouble:
    @pytest.mark.parametrize("trouble", [raises(EngineFailed("It is hoarse.")), hangs])
    @pytest.mark.parametrize("after_pieces", [0, 3])
    @pytest.mark.parametrize("aloud", [True, False])
    async def test_it_is_told_and_the_written_words_stand_and_the_call_goes_on(
        self, trouble: Trouble, after_pieces: int, aloud: bool
    ) -> None:
        tts = TroubledVoice(trouble, after_pieces=after_pieces)
        async with on_the_line(scripted(llm=FakeModel(ANSWER), tts=tts), CAREFUL) as line:
            if aloud:
                await line.ask_aloud()
            else:
                line.call.happened(ev.Typed(QUESTION))
            written = await line.client.until(ReplyCompleted)
            assert ANSWER.startswith(written.text)
            assert line.client.problem_codes() == ["speaking_failed"]
            sent = len(line.client.sound_of(written.reply))
            await anyio.sleep(10)
            assert len(line.client.sound_of(written.reply)) == sent
            line.call.happened(ev.Typed("Once more."))
            assert (await line.client.until(ReplyCompleted, 2)).text == ANSWER
            assert line.client.problem_codes() == ["speaking_failed"]

    async def test_only_what_was_heard_is_remembered(self) -> None:
        tts = TroubledVoice(raises(EngineFailed("It is hoarse.")))
        model = FakeModel(ANSWER)
        async with on_the_line(scripted(llm=model, tts=tts), CAREFUL) as line:
            line.call.happened(ev.Typed(QUESTION))
            await line.client.until(ReplyCompleted)
            line.call.happened(ev.Typed("Once more."))
            await line.client.until(ReplyCompleted, 2)
            assert "assistant" not in [role for role, _ in model.asked_last()]

    async def test_what_breaks_is_known_to_the_log_and_told_in_plain_words(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        tts = TroubledVoice(raises(OSError("/secret/path")))
        async with on_the_line(scripted(llm=FakeModel(ANSWER), tts=tts), CAREFUL) as line:
            line.call.happened(ev.Typed(QUESTION))
            problem = await line.client.until(Problem)
            assert problem.sentence == "The speech synthesiser failed. Please try again."
            assert "/secret/path" in caplog.text

    async def test_a_model_far_ahead_of_it_is_not_blamed(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        tts = TroubledVoice(hangs)
        async with on_the_line(scripted(llm=FakeModel("One. " * 400), tts=tts), CAREFUL) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            assert line.client.problem_codes() == ["speaking_failed"]
            assert caplog.text == ""
