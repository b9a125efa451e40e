"""The embedded recogniser: it hears while one speaks, and keeps the callers apart."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Samples, Transcript
from repartee.engines.stt import pocketsphinx
from repartee.engines.stt.pocketsphinx import PocketSphinx, joined
from repartee.errors import BadInput, EngineFailed, EngineMissing
from tests.engines.espoken import spoken

pytestmark = [pytest.mark.anyio, pytest.mark.engines]

OCEAN = "tell me about the ocean"
SEVEN = "one two three four five six seven"
PACKET = LISTENING_RATE_HZ // 50


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def ocean() -> Samples:
    return spoken(OCEAN)


@pytest.fixture(scope="module")
def seven() -> Samples:
    return spoken(SEVEN)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[PocketSphinx]:
    engine = PocketSphinx()
    await engine.open()
    yield engine
    await engine.close()


def feed(hearing: Hearing, sound: Samples, packet: int = PACKET) -> None:
    for start in range(0, len(sound), packet):
        hearing.feed(sound[start : start + packet])


async def heard(engine: PocketSphinx, caller: Caller, sound: Samples) -> Transcript:
    async with engine.listen(caller, "en") as hearing:
        feed(hearing, sound)
        return await hearing.settle()


async def heard_after_restart(engine: PocketSphinx, sound: Samples) -> Transcript:
    while True:
        with contextlib.suppress(EngineFailed):  # one that the dying process took with it
            return await heard(engine, Caller("next"), sound)


async def collected(hearing: Hearing) -> list[str]:
    return [partial async for partial in hearing.partials()]


def end_every_process(engine: PocketSphinx) -> None:
    assert engine._workshop.pid is not None
    os.killpg(engine._workshop.pid, signal.SIGKILL)


class TestTranscripts:
    async def test_clear_speech_is_understood_and_believed(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        transcript = await heard(engine, Caller("a"), ocean)
        assert transcript.text == OCEAN
        assert transcript.confidence > 0.6

    async def test_partials_come_while_one_still_speaks(
        self, engine: PocketSphinx, seven: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en-US") as hearing:
            feed(hearing, seven[: len(seven) * 2 // 3])
            async for partial in hearing.partials():
                if partial.startswith("one two three"):
                    break
            feed(hearing, seven[len(seven) * 2 // 3 :])
            assert (await hearing.settle()).text == SEVEN

    async def test_the_size_of_the_packets_makes_no_difference(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean, packet=333)
            assert await hearing.settle() == await heard(engine, Caller("b"), ocean)

    async def test_noise_and_silence_are_no_words(self, engine: PocketSphinx) -> None:
        noise = np.random.default_rng(7).normal(0, 2000, 2 * LISTENING_RATE_HZ)
        for sound in (noise.astype(np.int16), np.zeros(2 * LISTENING_RATE_HZ, np.int16)):
            assert await heard(engine, Caller("a"), sound) == Transcript("", 0.0)

    @pytest.mark.parametrize("samples", [0, 1, 40, 1600])
    async def test_next_to_nothing_is_no_words(self, engine: PocketSphinx, samples: int) -> None:
        assert await heard(engine, Caller("a"), np.ones(samples, np.int16)) == Transcript("", 0.0)


class TestPauses:
    async def test_who_goes_on_after_a_pause_is_heard_as_a_whole(
        self, engine: PocketSphinx, seven: Samples
    ) -> None:
        half = len(seven) // 2
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, seven[:half])
            first = await hearing.settle()
            assert SEVEN.startswith(first.text[:3])
            feed(hearing, seven[half:])
            whole = await hearing.settle()
        assert whole.text == SEVEN
        assert whole == await heard(engine, Caller("b"), seven)

    async def test_settling_again_without_new_sound_is_free(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            transcript = await hearing.settle()
            assert await hearing.settle() is transcript

    async def test_the_words_before_a_pause_in_a_long_turn_stand(
        self,
        engine: PocketSphinx,
        ocean: Samples,
        seven: Samples,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(pocketsphinx, "WHOLE_SAMPLES", LISTENING_RATE_HZ)
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            before = await hearing.settle()
            feed(hearing, seven)
            assert (await hearing.settle()).text == f"{OCEAN} {SEVEN}"
        assert before.text == OCEAN

    async def test_a_turn_without_end_is_refused(
        self, engine: PocketSphinx, ocean: Samples, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pocketsphinx, "MOST_SAMPLES", LISTENING_RATE_HZ)
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            with pytest.raises(EngineFailed, match="too long"):
                await hearing.settle()


class TestCallers:
    async def test_nothing_of_one_caller_reaches_the_next(
        self, engine: PocketSphinx, ocean: Samples, seven: Samples
    ) -> None:
        fresh = PocketSphinx(at_once=1)
        await fresh.open()
        untouched = await heard(fresh, Caller("a"), ocean)
        await heard(fresh, Caller("loud"), np.clip(seven * 3, -32768, 32767).astype(np.int16))
        assert await heard(fresh, Caller("b"), ocean) == untouched
        await fresh.close()
        assert await heard(engine, Caller("c"), ocean) == untouched

    async def test_the_colour_of_a_voice_stays_with_its_caller(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        caller = Caller("a")
        await heard(engine, caller, ocean)
        once = caller.notes["pocketsphinx"]
        await heard(engine, caller, ocean)
        twice = caller.notes["pocketsphinx"]
        assert twice.frames == 2 * once.frames
        assert np.allclose(twice.values, once.values, atol=1.5)

    async def test_many_are_heard_at_the_same_time(
        self, engine: PocketSphinx, ocean: Samples, seven: Samples
    ) -> None:
        sounds = [ocean, seven] * 4
        transcripts = await asyncio.gather(
            *(heard(engine, Caller(str(n)), sound) for n, sound in enumerate(sounds))
        )
        assert [transcript.text for transcript in transcripts] == [OCEAN, SEVEN] * 4


class TestLeaving:
    async def test_partials_end_with_the_hearing(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            partials = asyncio.create_task(collected(hearing))
            await hearing.settle()
        assert (await partials)[-1].startswith("tell")

    async def test_who_still_waits_is_told(self, engine: PocketSphinx, ocean: Samples) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            waiting = asyncio.create_task(hearing.settle())
            await asyncio.sleep(0)
        with pytest.raises(EngineFailed, match="over"):
            await waiting

    async def test_giving_up_on_an_answer_spoils_nothing(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(hearing.settle(), 0)
            assert (await hearing.settle()).text == OCEAN


class TestFailures:
    async def test_a_crash_is_told_at_once_and_the_next_hearing_works(
        self, engine: PocketSphinx, ocean: Samples
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, ocean)
            partials = hearing.partials()
            assert await anext(partials)
            end_every_process(engine)
            with pytest.raises(EngineFailed, match="say that again"):
                async for _ in partials:
                    pass
            feed(hearing, ocean)
            with pytest.raises(EngineFailed, match="say that again"):
                await hearing.settle()
        assert (await heard_after_restart(engine, ocean)).text == OCEAN

    async def test_other_languages_are_for_other_engines(self, engine: PocketSphinx) -> None:
        with pytest.raises(BadInput, match="English only"):
            async with engine.listen(Caller("a"), "de"):
                pass

    async def test_a_missing_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pocketsphinx", None)
        with pytest.raises(EngineMissing, match=r"pip install 'repartee-voice\[embedded\]'"):
            await PocketSphinx().open()

    async def test_an_engine_that_is_not_open_says_so(self) -> None:
        with pytest.raises(EngineFailed, match="not open"):
            async with PocketSphinx().listen(Caller("a"), "en"):
                pass


class TestJoining:
    def test_every_word_counts_the_same(self) -> None:
        whole = joined(Transcript("one two three", 0.8), Transcript("four", 0.4))
        assert whole.text == "one two three four"
        assert whole.confidence == pytest.approx(0.7)

    def test_nothing_adds_nothing(self) -> None:
        one, nothing = Transcript("one", 0.8), Transcript("", 0.0)
        assert joined(one, nothing) == joined(nothing, one) == one
        assert joined(nothing, nothing) == nothing
