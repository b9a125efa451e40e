"""Synthesisers that make a phrase at a time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import numpy as np
import pytest

from repartee.engines.local.phrased import Phrases, Say, pause_after, phrases
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.errors import EngineFailed, EngineMissing

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

        with pytest.raises(EngineMissing, match=r"pip install 'repartee\[tiny\]'"):
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
