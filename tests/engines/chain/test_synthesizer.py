"""Voices that stand in for one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import pytest

from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.voices import resolve_among
from repartee.errors import EngineFailed, RequestRefused, UnknownVoice
from tests.calls.fakes import Trouble, hangs, raises
from tests.engines.chain.watching import Clock, nothing_left_behind, switches_told

pytestmark = pytest.mark.anyio

RULES = ChainRules(deadline_s=1.0, breaker=BreakerRules(failures=2, rest_s=10))
TEXT = "Good morning, and thank you for calling."


class Noting(ScriptedSynthesizer):
    """Notes what it is to say, and how."""

    def __init__(self, name: str, *voices: Voice, **script: int | None) -> None:
        super().__init__(letter_ms=50, **script)  # type: ignore[arg-type]
        self.name = name
        self.asked: list[tuple[str, Speech]] = []
        self.trouble: Trouble | None = None
        self.trouble_before: Collection[int] = (0,)
        """The pieces of a phrase before which it happens."""
        self._own = voices

    def voices(self) -> Sequence[Voice]:
        return self._own or super().voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append((text, speech))
        number = 0
        async for sound in super().synthesize(text, speech):
            if self.trouble is not None and number in self.trouble_before:
                await self.trouble()
            yield sound
            number += 1


@asynccontextmanager
async def chain(*voices: Synthesizer, rules: ChainRules = RULES) -> AsyncIterator[SynthesizerChain]:
    whole = SynthesizerChain(voices, rules)
    async with nothing_left_behind():
        await whole.open()
        yield whole
        await whole.close()


async def said(by: Synthesizer, text: str = TEXT, speech: Speech | None = None) -> list[Sound]:
    return [sound async for sound in by.synthesize(text, speech or Speech())]


def seconds(sounds: list[Sound]) -> float:
    return sum(len(sound.samples) / sound.rate_hz for sound in sounds)


class TestWhatIsKept:
    """Whoever has a place to give away asks first: what is here needs none."""

    async def test_that_of_whoever_would_speak(self) -> None:
        first, second = (Cached(Noting(name), 1 << 24) for name in ("first", "second"))
        async with chain(first, second) as voices:
            assert not voices.is_kept(TEXT, Speech())
            await said(second)
            assert not voices.is_kept(TEXT, Speech()), "The first one would speak."
            await said(voices)
            assert voices.is_kept(TEXT, Speech())
            assert not voices.is_kept("Something else.", Speech())

    async def test_while_one_rests_that_of_the_next(self) -> None:
        ill = Noting("first")
        first, second = Cached(ill, 1 << 24), Cached(Noting("second"), 1 << 24)
        async with chain(first, second) as voices:
            await said(voices)
            ill.trouble = raises(EngineFailed("Broken."))
            for number in range(RULES.breaker.failures):
                await said(voices, f"Sentence {number}.")
            assert not voices.is_kept(TEXT, Speech())
            assert voices.is_kept("Sentence 0.", Speech())

    async def test_in_the_words_and_the_voice_that_it_is_given(self) -> None:
        plain, own = Noting("plain", Voice("only", "en", "male")), Noting("other")
        plain.ascii_only = True
        speech = Speech(voice="en-us+nobody")
        own.resolve = lambda voice, language: Voice(voice, "en-us", "male")  # type: ignore[method-assign]
        async with chain(Cached(plain, 1 << 24), own) as voices:
            await said(voices, "Café.", speech)
            assert [text for text, _ in plain.asked] == ["Cafe."]
            assert voices.is_kept("Café.", speech)

    async def test_nothing_is_where_no_engine_keeps_anything(self) -> None:
        async with chain(Noting("first"), Noting("second")) as voices:
            await said(voices)
            assert not voices.is_kept(TEXT, Speech())


class TestFallingOver:
    async def test_the_first_that_works_speaks(self) -> None:
        second = Noting("second")
        async with chain(Noting("first"), second) as voices:
            assert await said(voices)
        assert second.asked == []

    async def test_on_failure_before_any_sound_the_next_says_it_all(self) -> None:
        second = Noting("second")
        with switches_told() as told:
            async with chain(Noting("first", fail_after_pieces=0), second) as voices:
                assert await said(voices)
        assert [text for text, _ in second.asked] == [TEXT]
        assert told == [("first", "second")]

    async def test_on_a_missed_deadline_too(self) -> None:
        async with chain(Noting("first", first_piece_ms=5_000), Noting("second")) as voices:
            clock = Clock()
            assert await said(voices)
            assert clock.ms == 1_000

    async def test_a_phrase_that_breaks_off_is_finished_by_the_next(self) -> None:
        first, second = Noting("first", fail_after_pieces=6), Noting("second")
        async with chain(first, second) as voices:
            sounds = await said(voices)
        ((rest, _),) = second.asked
        assert rest == "morning, and thank you for calling."
        words = [word for sound in sounds for word in sound.words]
        heard = [TEXT[word.offset : word.offset + word.length] for word in words]
        assert heard == ["Good", "morning,", *rest.split()], "one word is said again, none is lost"
        assert words == sorted(words, key=lambda word: word.start_ms)

    async def test_one_that_falls_silent_is_left_before_its_sound_has_run_out(self) -> None:
        first, second = Noting("first"), Noting("second")
        first.trouble, first.trouble_before = hangs, (6,)
        async with chain(first, second) as voices:
            clock, given_ms, late_ms = Clock(), 0.0, 0.0
            async for sound in voices.synthesize(TEXT, Speech()):
                late_ms = max(late_ms, clock.ms - given_ms)
                given_ms += 1000 * len(sound.samples) / sound.rate_hz
        assert len(second.asked) == 1
        assert late_ms <= 0, "nobody hears a gap"

    async def test_one_that_only_just_keeps_up_is_not_left(self) -> None:
        slow, second = Noting("slow", piece_ms=600), Noting("second")
        slow.trouble, slow.trouble_before = lambda: asyncio.sleep(0.45), range(99)
        async with chain(slow, second) as voices:
            with switches_told() as told:
                await said(voices)
        assert told == []

    async def test_what_is_too_long_for_one_is_said_by_the_next(self) -> None:
        first, second = Noting("first"), Noting("second")
        first.trouble = raises(RequestRefused("That is too long."))
        async with chain(first, second) as voices:
            for _ in range(3):
                assert await said(voices)
            first.trouble = None
            await said(voices)
        assert len(first.asked) == 4, "it is left alone for none of that"

    async def test_if_all_fail_so_does_the_phrase(self) -> None:
        broken = [Noting(name, fail_after_pieces=1) for name in ("first", "second")]
        async with chain(*broken) as voices:
            with pytest.raises(EngineFailed):
                await said(voices)

    async def test_who_fails_phrase_by_phrase_is_passed_over(self) -> None:
        first = Noting("first", fail_after_pieces=0)
        async with chain(first, Noting("second")) as voices:
            for _ in range(4):
                await said(voices)
        assert len(first.asked) == 2

    async def test_leaving_stops_the_voice(self) -> None:
        async with chain(Noting("first"), Noting("second")) as voices:
            sounds = voices.synthesize(TEXT * 100, Speech())
            await anext(sounds)
            clock = Clock()
            await sounds.aclose()
            assert clock.ms == 0

    async def test_nothing_to_say_is_no_failure(self) -> None:
        async with chain(Noting("first"), Noting("second")) as voices:
            with switches_told() as told:
                assert await said(voices, " ") == []
        assert told == []


class TestVoices:
    OWN = Voice("aura-zeus", "en-us", "male")

    async def test_are_those_of_the_best_that_is_there(self) -> None:
        async with chain(Noting("first", self.OWN), Noting("second")) as voices:
            assert voices.voices() == (self.OWN,)
            assert voices.resolve("aura-zeus", "en") == self.OWN

    async def test_a_voice_that_only_the_other_has_is_found_too(self) -> None:
        async with chain(Noting("first"), Noting("second", self.OWN)) as voices:
            assert voices.resolve("aura-zeus", "en") == self.OWN
            with pytest.raises(UnknownVoice):
                voices.resolve("nobody", "en")

    async def test_the_next_engine_takes_its_nearest(self) -> None:
        first, second = Noting("first", self.OWN, fail_after_pieces=0), Noting("second")
        async with chain(first, second) as voices:
            await said(voices, speech=Speech("aura-zeus", speed=1.5))
        assert first.asked[0][1] == Speech("aura-zeus", speed=1.5)
        assert second.asked[0][1] == Speech("am_michael", speed=1.5)

    async def test_a_name_that_nobody_knows_is_the_callers_mistake(self) -> None:
        async with chain(Noting("first"), Noting("second")) as voices:
            with switches_told() as told, pytest.raises(UnknownVoice):
                await said(voices, speech=Speech("nobody"))
        assert told == []

    async def test_an_engine_that_speaks_ascii_only_gets_ascii(self) -> None:
        plain = Noting("plain")
        plain.ascii_only = True
        async with chain(Noting("first", fail_after_pieces=0), plain) as voices:
            assert not voices.ascii_only
            await said(voices, "Ça va — déjà vu?")
        assert plain.asked[0][0] == "Ca va   deja vu?"
