"""The synthesis cache: what was spoken once is there at once, whole, for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import pytest

from repartee.engines.protocols import Sound, Speech, Voice, WordTime
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.resampled import Resampled
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineFailed, UnknownVoice
from repartee.testing.checks import check_synthesizer

pytestmark = pytest.mark.anyio

PLENTY = 1 << 20
PIECE = 1_000
"""Samples in one piece of sound: 2000 bytes."""


class Reciter(ScriptedSynthesizer):
    """Speaks a piece for every word, each when the test lets it; counts what it was asked for."""

    def __init__(self, *, waits: bool = False, fails_after: int | None = None) -> None:
        super().__init__()
        self.asked: list[tuple[str, Speech]] = []
        self.given = 0
        self.left = 0
        self._fails_after = fails_after
        self._may_speak = asyncio.Semaphore(0 if waits else 1_000_000)

    def let_it_speak(self, pieces: int = 1) -> None:
        for _ in range(pieces):
            self._may_speak.release()

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append((text, speech))
        try:
            for number, word in enumerate(text.split()):
                await self._may_speak.acquire()
                if number == self._fails_after:
                    raise EngineFailed("The reciter lost its voice.")
                self.given += 1
                samples = np.full(PIECE, number + 1, np.int16)
                time = WordTime(text.index(word), len(word), number * 10)
                yield Sound(samples, 24_000, (time,))
        finally:
            self.left += 1


class StoodInFor(Reciter):
    """Like a broker: whose voice it is shows when it has spoken."""

    knows_nobody = False

    def resolve(self, voice: str, language: str) -> Voice:
        if self.knows_nobody and voice == "nobody":
            raise UnknownVoice("There is no voice called 'nobody'.")
        asked = super().resolve("af_heart", language)
        return Voice("en-us+f3", asked.language, asked.gender) if self.asked else asked


async def said(cached: Cached, text: str, speech: Speech | None = None) -> Sound:
    return await whole_sound(cached, text, speech or Speech())


async def settled() -> None:
    """Everything that could go on by now has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_it_keeps_the_promises_of_a_synthesiser() -> None:
    await check_synthesizer(Cached(ScriptedSynthesizer(), PLENTY))


class TestWhatIsKept:
    async def test_the_second_time_nothing_is_synthesised_and_it_sounds_the_same(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, PLENTY)
        first, second = await said(cached, "one two three"), await said(cached, "one two three")
        assert len(reciter.asked) == 1
        assert np.array_equal(first.samples, second.samples)
        assert first.words == second.words
        assert len(first.words) == 3

    async def test_it_comes_in_one_piece_and_without_any_wait(self) -> None:
        cached = Cached(Reciter(), PLENTY)
        await said(cached, "one two three")
        sounds = cached.synthesize("one two three", Speech())
        with pytest.raises(StopIteration) as at_once:
            anext(sounds).send(None)
        assert len(at_once.value.value.samples) == 3 * PIECE
        await sounds.aclose()

    async def test_nobody_can_spoil_it_for_the_others(self) -> None:
        cached = Cached(Reciter(), PLENTY)
        await said(cached, "one two")
        sound = await anext(cached.synthesize("one two", Speech()))
        with pytest.raises(ValueError, match="read-only"):
            sound.samples[0] = 0

    async def test_the_first_pass_is_streamed_all_the_same(self) -> None:
        reciter = Reciter(waits=True)
        sounds = Cached(reciter, PLENTY).synthesize("one two", Speech())
        reciter.let_it_speak()
        assert len((await anext(sounds)).samples) == PIECE
        await sounds.aclose()

    async def test_the_engine_runs_no_further_ahead_than_is_wanted(self) -> None:
        reciter = Reciter()
        async with aclosing(Cached(reciter, PLENTY).synthesize("a b c d", Speech())) as sounds:
            await anext(sounds)
            await settled()
            assert reciter.given == 1

    @pytest.mark.parametrize(
        "other",
        [
            ("one three", Speech()),
            ("one two", Speech(voice="am_adam")),
            ("one two", Speech(speed=1.5)),
            ("one two", Speech(language="de")),
        ],
    )
    async def test_all_that_changes_the_sound_makes_it_another(
        self, other: tuple[str, Speech]
    ) -> None:
        reciter = Reciter()
        cached = Cached(reciter, PLENTY)
        await said(cached, "one two")
        await said(cached, *other)
        assert len(reciter.asked) == 2

    @pytest.mark.parametrize("speeds", [(5.0, 9.0), (0.1, 0.2)], ids=["too fast", "too slow"])
    async def test_speeds_that_the_engine_can_not_tell_apart_share_it(
        self, speeds: tuple[float, float]
    ) -> None:
        reciter = Reciter()
        cached = Cached(Resampled(reciter), PLENTY)
        for speed in speeds:
            await said(cached, "one two", Speech(speed=speed))
        assert len(reciter.asked) == 1
        assert cached.is_kept("one two", Speech(speed=speeds[1]))

    async def test_two_names_of_one_voice_share_it(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, PLENTY)
        await said(cached, "one two", Speech(voice="af"))
        await said(cached, "one two", Speech(voice="af_heart"))
        assert len(reciter.asked) == 1

    async def test_another_engine_behind_the_same_wrapper_has_its_own(self) -> None:
        class Chain(Reciter):
            name = "first"

        chain = Chain()
        cached = Cached(chain, PLENTY)
        await said(cached, "one two")
        chain.name = "second"
        await said(cached, "one two")
        assert len(chain.asked) == 2

    async def test_a_voice_that_is_nobodys_is_refused_before_anything_is_done(self) -> None:
        reciter = Reciter()
        with pytest.raises(UnknownVoice):
            await said(Cached(reciter, PLENTY), "one", Speech(voice="nobody"))
        assert reciter.asked == []


class TestBounds:
    async def test_the_longest_unused_goes_first(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, 4 * 3_100)  # room for four words
        for text in ("a", "b", "c", "d"):
            await said(cached, text)
        await said(cached, "a")  # used again, so "b" is now the oldest
        await said(cached, "e")
        assert cached.figures.sounds == 4
        assert cached.figures.bytes <= 4 * 3_100
        await said(cached, "a")
        assert len(reciter.asked) == 5
        await said(cached, "b")
        assert len(reciter.asked) == 6

    async def test_what_is_kept_for_good_stays(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, 4 * 3_100)
        cached.keep_for_good("a", Speech())
        for text in ("a", "b", "c", "d", "e", "f"):
            await said(cached, text)
        assert cached.figures.sounds == 4
        assert cached.figures.bytes <= 4 * 3_100
        assert cached.is_kept("a", Speech())
        assert not cached.is_kept("b", Speech())
        assert not cached.is_kept("a", Speech(speed=1.5))

    async def test_even_if_it_only_shows_then_who_speaks(self) -> None:
        reciter = StoodInFor()
        cached = Cached(reciter, 4 * 3_100)
        cached.keep_for_good("a", Speech())
        await said(cached, "a")
        for text in ("b", "c", "d", "e", "f"):
            await said(cached, text)
        assert cached.is_kept("a", Speech())
        assert cached.figures.bytes <= 4 * 3_100

    async def test_it_is_kept_under_the_name_of_whoever_spoke(self) -> None:
        reciter = StoodInFor(waits=True)
        cached = Cached(reciter, PLENTY)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(said(cached, "a"))
            while not reciter.asked:
                await asyncio.sleep(0)
            tasks.create_task(said(cached, "a"))  # by the other name, which is known now
            while len(reciter.asked) < 2:
                await asyncio.sleep(0)
            reciter.let_it_speak(2)
        assert cached.is_kept("a", Speech())
        assert cached.figures.sounds == 1
        cost = cached.figures.bytes
        await said(cached, "a")
        assert (cached.figures.bytes, len(reciter.asked)) == (cost, 2)
        assert cost < 2 * PIECE * 2

    async def test_what_a_voice_said_that_is_gone_is_not_kept(self) -> None:
        reciter = StoodInFor(waits=True)
        cached = Cached(reciter, PLENTY)
        async with aclosing(cached.synthesize("a", Speech("nobody"))) as sounds:
            speaking = asyncio.create_task(anext(sounds))
            while not reciter.asked:
                await asyncio.sleep(0)
            reciter.knows_nobody = True
            reciter.let_it_speak()
            assert len((await speaking).samples) == PIECE
            assert [sound async for sound in sounds] == []
        assert cached.figures.sounds == 0

    async def test_a_voice_that_is_not_there_any_more_is_kept_by_nobody(self) -> None:
        reciter = StoodInFor()
        cached = Cached(reciter, 4 * 3_100)
        cached.keep_for_good("a", Speech())
        reciter.knows_nobody = True
        cached.keep_for_good("b", Speech("nobody"))
        for text in ("c", "d", "e", "f", "g"):
            await said(cached, text)
        assert cached.figures.sounds == 4

    async def test_and_where_all_is_kept_for_good_there_is_nothing_to_drive_out(self) -> None:
        cached = Cached(Reciter(), 4 * 3_100)
        for text in ("a", "b", "c", "d", "e"):
            cached.keep_for_good(text, Speech())
            await said(cached, text)
        assert cached.figures.sounds == 5

    async def test_what_would_drive_out_everything_else_is_spoken_and_not_kept(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, 4 * 3_100)
        assert len((await said(cached, "one two three")).samples) == 3 * PIECE
        assert cached.figures.sounds == 0

    async def test_whoever_comes_when_it_has_grown_too_large_has_it_spoken_anew(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, 4 * 3_100)
        async with aclosing(cached.synthesize("one two three", Speech())) as sounds:
            await anext(sounds)
            await anext(sounds)
            assert len((await said(cached, "one two three")).samples) == 3 * PIECE
            assert len((await anext(sounds)).samples) == PIECE
        assert len(reciter.asked) == 2

    async def test_a_great_many_short_ones_have_a_bound_too(self) -> None:
        class Mumbler(Reciter):
            async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
                yield Sound(np.zeros(1, np.int16), 24_000)

        cached = Cached(Mumbler(), 10_240)
        for number in range(50):
            await said(cached, str(number))
        assert cached.figures.sounds < 10

    async def test_nothing_is_kept_of_a_text_that_makes_no_sound(self) -> None:
        cached = Cached(Reciter(), PLENTY)
        assert [sound async for sound in cached.synthesize("", Speech())] == []
        assert cached.figures.sounds == 0


class TestManyAtOnce:
    async def test_the_same_text_is_synthesised_once(self) -> None:
        reciter = Reciter()
        cached = Cached(reciter, PLENTY)
        heard = await asyncio.gather(*(said(cached, "one two three") for _ in range(5)))
        assert len(reciter.asked) == 1
        assert all(len(sound.samples) == 3 * PIECE for sound in heard)
        assert all(sound.words == heard[0].words for sound in heard)

    async def test_whoever_comes_later_hears_it_from_the_beginning(self) -> None:
        reciter = Reciter(waits=True)
        cached = Cached(reciter, PLENTY)
        first = asyncio.create_task(said(cached, "one two"))
        reciter.let_it_speak()
        await settled()
        second = asyncio.create_task(said(cached, "one two"))
        await settled()
        reciter.let_it_speak()
        assert np.array_equal((await first).samples, (await second).samples)
        assert len(reciter.asked) == 1

    async def test_the_first_to_ask_may_leave_and_the_others_hear_it_all(self) -> None:
        reciter = Reciter(waits=True)
        cached = Cached(reciter, PLENTY)
        first = asyncio.create_task(said(cached, "one two"))
        second = asyncio.create_task(said(cached, "one two"))
        await settled()
        first.cancel()
        await settled()
        reciter.let_it_speak(2)
        assert len((await second).samples) == 2 * PIECE
        assert first.cancelled()
        assert cached.figures.sounds == 1

    async def test_when_the_last_has_left_the_work_stops_and_nothing_is_kept(self) -> None:
        reciter = Reciter(waits=True)
        cached = Cached(reciter, PLENTY)
        for _ in range(2):
            sounds = cached.synthesize("one two", Speech())
            reciter.let_it_speak()
            await anext(sounds)
            await sounds.aclose()
        await settled()
        assert (reciter.given, reciter.left) == (2, 2)
        assert cached.figures.sounds == 0

    async def test_whoever_comes_just_after_the_last_has_left_is_served_anew(self) -> None:
        reciter = Reciter(waits=True)
        cached = Cached(reciter, PLENTY)
        sounds = cached.synthesize("one two", Speech())
        reciter.let_it_speak()
        await anext(sounds)
        await sounds.aclose()  # its work is told to stop, and has not stopped yet
        reciter.let_it_speak(2)
        assert len((await said(cached, "one two")).samples) == 2 * PIECE

    async def test_a_slow_listener_holds_up_nobody(self) -> None:
        cached = Cached(Reciter(), PLENTY)
        async with aclosing(cached.synthesize("one two three", Speech())) as slow:
            await anext(slow)
            assert len((await said(cached, "one two three")).samples) == 3 * PIECE
            rest = [sound async for sound in slow]
        assert len(rest) == 2


class TestTrouble:
    async def test_a_failure_is_told_to_everybody_and_not_kept(self) -> None:
        reciter = Reciter(fails_after=1)
        cached = Cached(reciter, PLENTY)
        both = (said(cached, "one two"), said(cached, "one two"))
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["The reciter lost its voice."] * 2
        assert cached.figures.sounds == 0
        with pytest.raises(EngineFailed):
            await said(cached, "one two")
        assert len(reciter.asked) == 2

    @pytest.mark.parametrize("begun", [True, False])
    async def test_whoever_listens_while_it_is_closed_is_told(self, begun: bool) -> None:
        cached = Cached(Reciter(waits=True), PLENTY)
        listening = asyncio.create_task(said(cached, "one two"))
        for _ in range(5 if begun else 1):
            await asyncio.sleep(0)
        await cached.close()
        with pytest.raises(EngineFailed, match="closed while it spoke"):
            await listening

    async def test_nothing_is_left_of_it_when_it_is_closed(self) -> None:
        cached = Cached(Reciter(), PLENTY)
        await said(cached, "one two")
        await cached.close()
        assert (cached.figures.sounds, cached.figures.bytes) == (0, 0)


async def test_hits_and_misses_are_counted() -> None:
    cached = Cached(Reciter(), PLENTY)
    for text in ("one", "two", "one", "one"):
        await said(cached, text)
    await asyncio.gather(said(cached, "three"), said(cached, "three"))
    assert (cached.figures.hits, cached.figures.misses) == (3, 3)


async def test_it_speaks_for_the_engine_it_wraps() -> None:
    cached = Cached(Reciter(), PLENTY)
    assert (cached.name, cached.ascii_only) == ("scripted", False)
    assert cached.resolve("bm_lewis", "en") == Voice("bm_lewis", "en-gb", "male")
    assert cached.voices()
    assert "0 sounds kept" in repr(cached)
