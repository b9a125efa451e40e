"""Synthesisers that make a phrase at a time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import numpy as np
import pytest

from repartee.engines.local.phrased import MOST_WAITING, Phrases, Say, pause_after, phrases
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.errors import EngineFailed, EngineMissing, Refused

pytestmark = pytest.mark.anyio

ANN = Voice("ann", "en-us")
RATE_HZ = 1_000


def say_length(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
    yield Sound(np.ones(len(phrase), np.int16), RATE_HZ)


async def opened(say: Say) -> Phrases:
    engine = Phrases("tiny", lambda: say, at_once=1)
    await engine.open()
    return engine


class TestPhrases:
    def test_the_first_is_short_and_the_others_are_whole_sentences(self) -> None:
        first = "This is the very first sentence of it, and it goes on for quite a while longer."
        second = "This is another one, which may be as long as a sentence usually is, and it is."
        cut = list(phrases(f"{first} {second} {second}"))
        assert cut == [first, f"{second} {second}"]
        assert next(phrases("one, " * 30)) == ("one, " * 16).strip()

    def test_nothing_is_lost(self) -> None:
        text = "word, " * 200 + "end."
        assert " ".join(phrases(text)) == text

    @pytest.mark.parametrize("text", ["", "   ", "…", "🙂 *** —"])
    def test_signs_alone_are_no_phrase(self, text: str) -> None:
        assert list(phrases(text)) == []

    @pytest.mark.parametrize(
        ("phrase", "pause"),
        [("Yes.", 0.2), ("“Really?”", 0.2), ("はい。", 0.2), ("well,", 0.1), ("of the", 0.0)],
    )
    def test_a_pause_follows_punctuation(self, phrase: str, pause: float) -> None:
        assert pause_after(phrase) == pause


class TestSpeaking:
    async def test_phrases_come_one_by_one_with_their_pauses(self) -> None:
        engine = await opened(say_length)
        async with aclosing(engine.spoken("Well, yes.", ANN, Speech())) as sounds:
            pieces = [piece async for piece in sounds]
        await engine.close()
        assert [len(piece.samples) for piece in pieces] == [10, 200]
        assert not pieces[1].samples.any()

    async def test_who_leaves_stops_what_is_being_made(self) -> None:
        begun, stopped = threading.Event(), threading.Event()

        def endless(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            try:
                while True:
                    begun.set()
                    yield Sound(np.ones(10, np.int16), RATE_HZ)
            finally:
                stopped.set()

        engine = await opened(endless)
        async with aclosing(engine.spoken("Yes.", ANN, Speech())) as sounds:
            await anext(sounds)
        assert await asyncio.to_thread(stopped.wait, 10)
        await engine.close()

    async def test_what_was_to_be_said_for_somebody_who_left_is_not_begun(self) -> None:
        begun, may_end = threading.Event(), threading.Event()
        said: list[str] = []

        def slow(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            said.append(phrase)
            begun.set()
            assert may_end.wait(10)
            yield Sound(np.ones(10, np.int16), RATE_HZ)

        engine = await opened(slow)
        spoken = [engine.spoken(text, ANN, Speech()) for text in ("One.", "Two.", "Three.")]
        waiting = [asyncio.ensure_future(anext(one)) for one in spoken]
        assert await asyncio.to_thread(begun.wait, 10)
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
        may_end.set()
        assert len((await anext(engine.spoken("Four.", ANN, Speech()))).samples) == 10
        await engine.close()
        assert said == ["One.", "Four."]

    async def test_too_many_who_wait_are_turned_away(self) -> None:
        may_end = threading.Event()

        def slow(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            assert may_end.wait(10)
            yield Sound(np.ones(10, np.int16), RATE_HZ)

        engine = await opened(slow)
        spoken = [engine.spoken("Yes.", ANN, Speech()) for _ in range(MOST_WAITING + 2)]
        waiting = [asyncio.ensure_future(anext(one)) for one in spoken]
        with pytest.raises(Refused, match="busy"):
            await waiting[-1]
        may_end.set()
        assert len(await asyncio.gather(*waiting[:-1])) == MOST_WAITING + 1
        await engine.close()

    async def test_a_library_that_fails_is_named(self) -> None:
        def broken(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            raise RuntimeError("a frog in the throat")

        engine = await opened(broken)
        with pytest.raises(EngineFailed, match="The tiny engine failed while speaking"):
            await anext(engine.spoken("Yes.", ANN, Speech()))
        await engine.close()

    async def test_one_that_is_not_open_says_so(self) -> None:
        with pytest.raises(EngineFailed, match="not open"):
            await anext(Phrases("tiny", lambda: say_length, at_once=1).spoken("A", ANN, Speech()))

    async def test_packages_that_are_missing_are_asked_for(self) -> None:
        def load() -> Say:
            raise ImportError("no module named torchaudio")

        with pytest.raises(EngineMissing, match=r"pip install 'repartee-voice\[tiny\]'"):
            await Phrases("tiny", load, at_once=1).open()

    async def test_one_that_fails_to_load_can_be_opened_again(self) -> None:
        loads = iter([RuntimeError("not yet"), None])

        def load() -> Say:
            if problem := next(loads):
                raise problem
            return say_length

        engine = Phrases("tiny", load, at_once=1)
        with pytest.raises(RuntimeError):
            await engine.open()
        await engine.open()
        first = await anext(engine.spoken("Yes.", ANN, Speech()))
        assert len(first.samples) == 4
        await engine.close()
