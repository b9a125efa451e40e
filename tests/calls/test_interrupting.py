"""Somebody speaks over a reply, or stops it: what still comes, and what is remembered."""

from __future__ import annotations

import anyio
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.playback import DUCKED_GAIN
from repartee.conversation import events as ev
from repartee.conversation.told import ReplyCompleted, ReplyInterrupted
from repartee.engines.protocols import Samples
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.calls.fakes import FakeModel, hangs, writes
from tests.calls.line import CAREFUL, on_the_line, scripted
from tests.calls.recording_client import Got, HushOf, SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."
LETTER_MS = 60
"""How long the scripted voice takes for each letter."""


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def said_by_then(text: str, heard_ms: float) -> str:
    """The words that the scripted voice has ended by then."""
    words, letters = [], 0
    for word in text.split():
        letters += len(word)
        if letters * LETTER_MS > heard_ms:
            break
        words.append(word)
    return " ".join(words)


async def undisturbed(text: str) -> Samples:
    """The whole sound of this reply."""
    async with on_the_line(scripted(llm=FakeModel(text))) as line:
        line.call.happened(ev.Typed(QUESTION))
        await line.client.until(ReplyCompleted)
        return line.client.sound_of(1)


class TestInterrupting:
    @pytest.mark.parametrize("after_ms", [200, 240, 241, 400, 1_000, 1_033, 2_000, 3_000])
    async def test_after_the_hush_nothing_more_of_the_reply_comes(self, after_ms: int) -> None:
        """Not even the frame that is due at the very same moment."""
        async with on_the_line(scripted(llm=FakeModel(ANSWER))) as line:
            await line.ask_until_it_is_heard()
            await anyio.sleep(line.client.moments(SoundOf)[0] + after_ms / 1000 - now())
            line.call.happened(ev.InterruptRequested())
            await anyio.sleep(60)
            order: list[type[Got]] = [SoundOf, HushOf, ReplyInterrupted]
            assert line.client.order_of(*order) == order

    @pytest.mark.parametrize("after_seconds", [0.5, 1, 1.7, 2.5])
    async def test_what_is_remembered_is_what_was_played(self, after_seconds: float) -> None:
        model = FakeModel(ANSWER, "Very well.")
        stt = ScriptedRecognizer(transcripts=[QUESTION, "Go on."])
        async with on_the_line(scripted(stt=stt, llm=model)) as line:
            await line.ask_until_it_is_heard()
            began = line.client.moments(SoundOf)[0]
            await anyio.sleep(began + after_seconds - now())
            line.call.happened(ev.InterruptRequested())
            heard = said_by_then(ANSWER, after_seconds * 1000)
            assert [what.heard for what in line.client.all(ReplyInterrupted)] == [heard]
            (turn,) = line.notebook.turns
            assert (turn.heard_text, turn.status) == (heard, "interrupted")
            await line.ask_aloud()
            await line.client.until(ReplyCompleted)
            assert (
                model.asked_last()
                == [
                    ("user", QUESTION),
                    *([("assistant", heard)] if heard else []),
                    ("user", "Go on."),
                ][-len(model.asked_last()) :]
            )
            assert heard in " ".join(message.content for message in model.asked[-1])

    async def test_what_the_listener_reports_counts_more_than_the_clock(self) -> None:
        async with on_the_line(scripted(llm=FakeModel(ANSWER))) as line:
            await line.ask_until_it_is_heard()
            reply = line.client.all(SoundOf)[0].reply
            await anyio.sleep(2)
            line.call.listener_played(reply + 7, 0)
            line.call.listener_played(reply, 700)
            await anyio.sleep(1)
            line.call.happened(ev.InterruptRequested())
            (cut,) = line.client.all(ReplyInterrupted)
            assert cut.heard == said_by_then(ANSWER, 2_030)

    async def test_words_over_a_reply_lower_it_then_end_it_and_are_answered(self) -> None:
        model = FakeModel(ANSWER, "Very well.")
        stt = ScriptedRecognizer(transcripts=[QUESTION, "Stop, I asked about Rome."], word_ms=500)
        async with on_the_line(scripted(stt=stt, llm=model)) as line:
            await line.ask_until_it_is_heard()
            reply = line.client.all(SoundOf)[0].reply
            await anyio.sleep(0.5)
            interrupted_at = now()
            await line.speak(1_500)
            await line.be_quiet(1_500)
            completed = await line.client.until(ReplyCompleted)
            assert completed.text == "Very well."
            (cut,) = line.client.all(ReplyInterrupted)
            assert cut.reply == reply
            assert 0 < line.client.moments(ReplyInterrupted)[0] - interrupted_at < 0.8
            sound = line.client.sound_of(reply)
            assert np.abs(sound[:1_000]).max() == 1_000
            assert np.abs(sound[-1_000:]).max() == 1_000 * DUCKED_GAIN
            assert model.asked_last()[-2:] == [
                ("assistant", cut.heard),
                ("user", "Stop, I asked about Rome."),
            ]

    @pytest.mark.parametrize("noise", ["", "mm-hm", "[cough]"])
    async def test_a_mere_noise_lowers_it_and_then_it_goes_on_from_the_exact_sample(
        self, noise: str
    ) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTION, noise])
        text = "It is ten past four, as far as anybody here can tell you without a watch."
        async with on_the_line(scripted(stt=stt, llm=FakeModel(text))) as line:
            await line.ask_until_it_is_heard()
            await anyio.sleep(0.5)
            await line.speak(200)
            await line.be_quiet(3_000)
            completed = await line.client.until(ReplyCompleted)
            assert completed.text == text
            assert line.client.all(ReplyInterrupted) == []
            sent, whole = line.client.sound_of(completed.reply), await undisturbed(text)
            assert len(sent) == len(whole)
            lowered = np.flatnonzero(sent != whole)
            assert np.abs(sent[lowered]).max() < 1_000
            assert 0 < lowered[0] < lowered[-1] < len(whole) / 2

    async def test_a_hushed_reply_leaves_model_and_voice(self) -> None:
        model = FakeModel(writes("This goes on and on.", hangs))
        async with on_the_line(scripted(llm=model), CAREFUL) as line:
            await line.ask_until_it_is_heard()
            assert model.left == 0
            line.call.happened(ev.InterruptRequested())
            await anyio.sleep(0.01)
            assert model.left == 1

    async def test_one_with_nothing_to_interrupt_is_acknowledged(self) -> None:
        async with on_the_line() as line:
            line.call.happened(ev.InterruptRequested())
            assert line.client.all(ReplyInterrupted) == [ReplyInterrupted(0, "spoken", "")]
