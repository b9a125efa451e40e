"""On the line: the words of a turn are late, and the caller is asked to wait for them."""

from __future__ import annotations

import numpy as np
import pytest

from repartee.calls.options import CallOptions
from repartee.conversation import Rules
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import HEARING_FAILED_SENTENCE
from repartee.conversation.told import (
    ReplyCompleted,
    ReplyInterrupted,
    ReplyStarted,
    UserFinal,
)
from tests.calls.fakes import (
    FakeModel,
    TroubledRecognizer,
    hangs,
)
from tests.calls.late_engines import ANSWER, late, sound_of
from tests.calls.line import on_the_line, scripted
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


class TestTheEarsAreLate:
    async def test_and_the_answer_follows_the_word_to_wait(self) -> None:
        ears = TroubledRecognizer("settling", late(2.5), QUESTION)
        async with on_the_line(scripted(stt=ears, llm=FakeModel(ANSWER)), WAITS) as line:
            await line.ask_aloud()
            held = await line.client.until(ReplyCompleted)
            answer = await line.client.until(ReplyCompleted, 2)
            assert (held.text, answer.text.strip()) == (HOLDING_SENTENCE, ANSWER)
            assert np.array_equal(line.client.sound_of(held.reply), await sound_of(held.text))
            assert [turn.assistant_text for turn in line.notebook.turns] == [ANSWER]
            order = line.client.order_of(ReplyStarted, ReplyCompleted, UserFinal)
            assert order == [
                *(ReplyStarted, ReplyCompleted),
                *(UserFinal, ReplyStarted, ReplyCompleted),
            ]

    async def test_and_what_was_thought_of_meanwhile_follows_without_a_gap(self) -> None:
        """The words come just as the sentence begins; it takes 1.5 s and more."""
        ears = TroubledRecognizer("settling", late(1.75), QUESTION)
        async with on_the_line(scripted(stt=ears, llm=FakeModel(ANSWER)), WAITS) as line:
            await line.ask_aloud()
            held = await line.client.until(ReplyCompleted)
            ended_at = line.client.moments(ReplyCompleted)[0]
            answer = await line.client.until(ReplyCompleted, 2)
            began_at = next(
                at
                for at, what in line.client.log
                if isinstance(what, SoundOf) and what.reply == answer.reply
            )
            assert began_at - ended_at < 0.01
            assert np.array_equal(line.client.sound_of(held.reply), await sound_of(held.text))

    async def test_and_never_come_and_that_is_said_when_patience_ends(self) -> None:
        ears = TroubledRecognizer("settling", hangs, QUESTION)
        async with on_the_line(scripted(stt=ears), WAITS) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted, 2)
            texts = [what.text for what in line.client.all(ReplyCompleted)]
            assert texts == [HOLDING_SENTENCE, HEARING_FAILED_SENTENCE]

    async def test_and_a_voice_over_the_sentence_may_be_its_echo(self) -> None:
        """It is ducked for that, and goes on to its end."""
        ears = TroubledRecognizer("settling", late(4.0), QUESTION)
        async with on_the_line(scripted(stt=ears, llm=FakeModel(ANSWER)), WAITS) as line:
            await line.ask_until_it_is_heard()
            await line.speak(400)
            await line.be_quiet(1_000)
            answer = await line.client.until(ReplyCompleted, 2)
            held = line.client.all(ReplyCompleted)[0]
            heard, whole = line.client.sound_of(held.reply), await sound_of(held.text)
            assert line.client.all(ReplyInterrupted) == []
            assert len(heard) == len(whole)
            assert np.any(heard != whole)
            assert np.array_equal(heard[:2_400], whole[:2_400])
            assert np.array_equal(heard[-2_400:], whole[-2_400:])
            assert answer.text.strip() == ANSWER

    async def test_where_replies_are_sent_at_once_nothing_comes_before_the_words(self) -> None:
        ears = TroubledRecognizer("settling", late(2.5), QUESTION)
        async with on_the_line(scripted(stt=ears), AT_ONCE) as line:
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            assert line.client.order_of(SoundOf, UserFinal) == [UserFinal, SoundOf]
