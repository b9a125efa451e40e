"""One reply at work: model, synthesiser and sound run side by side, and end together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import anyio
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.playback import Playback
from repartee.calls.reply import ReplyTask
from repartee.conversation import events as ev
from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineFailed
from tests.calls.fakes import TroubledVoice, Unwatched, hangs, raises, tokens, writes
from tests.calls.recording_client import RecordingClient, SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

REPLY = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Attentive(ScriptedSynthesizer):
    """A voice that keeps what it is asked to say, and counts what it was left to finish or not."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Speech]] = []
        self.left = 0

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append((text, speech))
        try:
            async with aclosing(super().synthesize(text, speech)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.left += 1


class Replying:
    """A reply at work, with all that it brings about."""

    def __init__(
        self, words: AsyncGenerator[str], voice: Synthesizer, speech: Speech, most_chars: int
    ) -> None:
        self.client = RecordingClient()
        self.events: list[tuple[float, ev.Event]] = []
        timeline: Any = Unwatched()
        self.playback = Playback(1, True, self.client, self._happened, timeline, 200)
        self.task = ReplyTask(self.playback, words, voice, speech, self._happened, most_chars)
        self.over = anyio.Event()

    def _happened(self, event: ev.Event) -> None:
        self.events.append((now(), event))

    @property
    def written(self) -> str:
        return "".join(event.text for _, event in self.events if isinstance(event, ev.ReplyText))

    @property
    def failures(self) -> list[ev.EngineFailed]:
        return [event for _, event in self.events if isinstance(event, ev.EngineFailed)]

    def kinds(self, without: str = "") -> list[str]:
        """What happened, in order, without repetitions."""
        names = [type(event).__name__ for _, event in self.events]
        names = [name for name in names if name != without]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    async def run(self) -> None:
        await self.task.run()
        self.over.set()


@asynccontextmanager
async def replying(
    words: AsyncGenerator[str],
    voice: Synthesizer | None = None,
    *,
    speech: Speech | None = None,
    most_chars: int = 6_000,
) -> AsyncIterator[Replying]:
    """A reply that may be heard from the first moment on."""
    reply = Replying(words, voice or ScriptedSynthesizer(), speech or Speech(), most_chars)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reply.run)
        reply.playback.play()
        yield reply
        tasks.cancel_scope.cancel()


async def whole_sound(voice: Synthesizer, texts: Sequence[str]) -> list[int]:
    samples: list[int] = []
    for text in texts:
        async for piece in voice.synthesize(text, Speech()):
            samples += piece.samples.tolist()
    return samples


class TestAReply:
    async def test_it_is_told_written_sent_and_heard_in_this_order(self) -> None:
        async with replying(tokens(REPLY)) as reply:
            await reply.over.wait()
            order = ["ReplyText", "ReplyWritten", "AllSent", "PlaybackEnded"]
            assert reply.kinds(without="Voiced") == order
            assert reply.kinds().count("Voiced") == 1
            assert reply.written.strip() == REPLY
            assert reply.playback.progress().text == REPLY

    async def test_its_sound_is_what_the_voice_makes_of_each_unit(self) -> None:
        voice = Attentive()
        async with replying(tokens(REPLY), voice) as reply:
            await reply.over.wait()
            said = [text for text, _ in voice.asked]
            assert len(said) > 1
            assert " ".join(said) == REPLY
            assert reply.client.sound_of(1).tolist() == await whole_sound(voice, said)

    async def test_its_sound_begins_before_its_text_is_complete(self) -> None:
        async def until_it_is_heard() -> None:
            await reply.client.until(SoundOf)

        begun = writes("The first half is this. And", until_it_is_heard, "the second is that.")
        async with replying(begun()) as reply:
            await reply.over.wait()
            assert "second" in reply.written
            first_sound = reply.client.moments(SoundOf)[0]
            written = next(at for at, what in reply.events if isinstance(what, ev.ReplyWritten))
            assert first_sound <= written

    async def test_the_first_sound_waits_for_no_more_than_a_first_phrase(self) -> None:
        async with replying(tokens("Well, " + "and on it goes " * 50, every_seconds=1)) as reply:
            began = now()
            await reply.client.until(SoundOf)
            assert now() - began < 15

    async def test_it_is_said_in_the_voice_that_was_asked_for(self) -> None:
        voice, speech = Attentive(), Speech("am_adam", "en", 1.5)
        async with replying(tokens("Good morning."), voice, speech=speech) as reply:
            await reply.over.wait()
            assert voice.asked == [("Good morning.", speech)]

    async def test_what_nobody_can_say_is_not_said_but_belongs_to_the_text(self) -> None:
        voice = Attentive()
        text = "This is **very** good. ```\nx = 1\n``` Is it not so?"
        async with replying(tokens(text), voice) as reply:
            await reply.over.wait()
            assert not any(mark in said for said, _ in voice.asked for mark in ("*", "`"))
            assert reply.playback.progress().text.split() == text.split()

    async def test_one_with_nothing_to_say_is_over_at_once(self) -> None:
        voice = Attentive()
        async with replying(tokens("***"), voice) as reply:
            await reply.over.wait()
            assert voice.asked == []
            assert reply.client.log == []
            assert reply.kinds()[-1] == "PlaybackEnded"

    async def test_one_that_never_ends_is_cut(self) -> None:
        ended: list[bool] = []

        async def endless() -> AsyncGenerator[str]:
            try:
                while True:
                    await anyio.sleep(0.01)
                    yield "over and over. "
            finally:
                ended.append(True)

        async with replying(endless(), most_chars=300) as reply:
            await reply.over.wait()
            assert 300 <= len(reply.written) < 320
            assert reply.kinds()[-1] == "PlaybackEnded"
            assert ended == [True]


class TestStopping:
    async def test_model_voice_and_sound_end_together(self) -> None:
        left: list[str] = []

        async def endless() -> AsyncGenerator[str]:
            try:
                while True:
                    await anyio.sleep(0.2)
                    yield "over and over. "
            finally:
                left.append("model")

        voice = Attentive()
        async with replying(endless(), voice) as reply:
            await anyio.sleep(3)
            sent = len(reply.client.log)
            assert sent > 0
            reply.task.stop()
            await reply.over.wait()
            await anyio.sleep(60)
            assert len(reply.client.log) == sent
            assert left == ["model"]
            assert voice.left == len(voice.asked)

    async def test_one_that_has_not_begun_yet_never_does(self) -> None:
        voice = Attentive()
        async with replying(tokens(REPLY), voice) as reply:
            reply.task.stop()
            await reply.over.wait()
            await anyio.sleep(60)
            assert reply.client.log == []
            assert reply.events == []
            assert voice.asked == []

    async def test_a_voice_that_hangs_is_left(self) -> None:
        async with replying(tokens(REPLY), TroubledVoice(hangs)) as reply:
            await anyio.sleep(1)
            reply.task.stop()
            await reply.over.wait()
            assert reply.failures == []


class TestTrouble:
    async def test_a_model_that_fails_says_so_in_its_own_words(self) -> None:
        error = EngineFailed("The model is tired.", hint="Let it sleep.")
        async with replying(writes("It is ten past four.", raises(error))()) as reply:
            await anyio.sleep(1)
            sentence = "The model is tired. Let it sleep."
            assert reply.failures == [ev.EngineFailed("thinking", sentence, reply=1)]
            assert "ReplyWritten" not in reply.kinds()

    async def test_what_breaks_in_a_model_stays_in_the_log(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with replying(writes("It is", raises(OSError("/secret/path")))()) as reply:
            await anyio.sleep(1)
            sentence = "The language model failed. Please try again."
            assert reply.failures == [ev.EngineFailed("thinking", sentence, reply=1)]
            assert "/secret/path" in caplog.text

    async def test_a_voice_that_fails_says_so_in_its_own_words(self) -> None:
        voice = TroubledVoice(raises(EngineFailed("The voice is hoarse.")), after_pieces=2)
        async with replying(tokens("It is ten past four."), voice) as reply:
            await anyio.sleep(5)
            failure = ev.EngineFailed("speaking", "The voice is hoarse.", reply=1)
            assert reply.failures == [failure]
            assert "AllSent" not in reply.kinds()

    async def test_a_voice_that_breaks_is_no_fault_of_the_model(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        voice = TroubledVoice(raises(EngineFailed("The voice is hoarse.")))
        async with replying(tokens("One. " * 200, every_seconds=0.001), voice) as reply:
            await anyio.sleep(5)
            assert [event for event in reply.failures if event.stage == "thinking"] == []
            assert caplog.text == ""

    async def test_a_voice_that_hangs_is_given_up_after_ten_seconds(self) -> None:
        async with replying(tokens("It is ten past four."), TroubledVoice(hangs)) as reply:
            began = now()
            while not reply.failures:
                await anyio.sleep(0.1)
            assert now() - began == pytest.approx(10, abs=0.5)
            sentence = "The speech synthesiser took too long. Please try again."
            assert reply.failures == [ev.EngineFailed("speaking", sentence, reply=1)]

    async def test_a_slow_listener_is_no_trouble(self) -> None:
        """Two minutes of speech, all written at once: nothing is lost and nobody fails."""
        text = " ".join(["It goes on and on, and nobody knows when it will be over."] * 45)
        async with replying(tokens(text, every_seconds=0), most_chars=100_000) as reply:
            await reply.over.wait()
            assert reply.failures == []
            assert reply.playback.progress().text == text
            sound = reply.client.sound_of(1)
            letters = len(text.replace(" ", ""))
            assert len(sound) == pytest.approx(letters * 60 * 24, rel=0.001)
            assert sound.dtype == np.int16
