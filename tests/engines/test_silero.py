"""The real network, on spoken questions."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.engines.protocols import Samples
from repartee.engines.voice.silero import WINDOW, Silero, SileroStream
from repartee.errors import EngineFailed
from repartee.listening.ear import Ear
from repartee.listening.segmenter import SegmentRules, SpeechBegan, SpeechPaused
from tests.recordings import recording, spoken_parts

pytestmark = pytest.mark.anyio


@pytest.fixture
async def silero() -> AsyncIterator[Silero]:
    detector = Silero()
    await detector.open()
    yield detector
    await detector.close()


def windows(sound: Samples) -> list[Samples]:
    return [sound[at : at + WINDOW] for at in range(0, len(sound) - WINDOW + 1, WINDOW)]


async def probabilities(stream: SileroStream, sound: Samples) -> list[float]:
    return [await stream.probability(window) for window in windows(sound)]


def noise(dbfs: float, seconds: float = 2.0) -> Samples:
    power = np.random.default_rng(0).normal(0, 32768 * 10 ** (dbfs / 20), int(16_000 * seconds))
    return power.astype(np.int16)


class TestWhatItHears:
    async def test_silence_is_no_speech(self, silero: Silero) -> None:
        assert set(await probabilities(silero.stream(), np.zeros(16_000, np.int16))) == {0.0}

    @pytest.mark.parametrize("dbfs", [-60, -40, -20])
    async def test_noise_is_no_speech(self, silero: Silero, dbfs: float) -> None:
        assert max(await probabilities(silero.stream(), noise(dbfs))) < 0.35

    @pytest.mark.parametrize("name", ["q1_weather.wav", "q3_midpause.wav", "multi_turn.wav"])
    async def test_somebody_speaks_where_somebody_speaks(self, silero: Silero, name: str) -> None:
        heard = await Ear(silero.stream(), SegmentRules()).hear(recording(name))
        began = [what.at_ms for what in heard if isinstance(what, SpeechBegan)]
        paused = [what.at_ms for what in heard if isinstance(what, SpeechPaused)]
        for part in spoken_parts(name):
            begin_ms, end_ms = part["start"] * 1000, part["end"] * 1000
            assert min(abs(at - begin_ms) for at in began) <= 130
            assert min(abs(at - end_ms) for at in paused) <= 260

    async def test_a_soft_voice_is_a_voice(self, silero: Silero) -> None:
        soft = (recording("q1_weather.wav") * 0.05).astype(np.int16)
        assert max(await probabilities(silero.stream(), soft)) > 0.9

    async def test_the_extremes_of_a_sample_are_harmless(self, silero: Silero) -> None:
        for extreme in (-32768, 32767):
            heard = await probabilities(silero.stream(), np.full(5 * WINDOW, extreme, np.int16))
            assert all(0.0 <= probability <= 1.0 for probability in heard)


class TestManyStreams:
    async def test_together_they_hear_bit_for_bit_what_each_hears_alone(
        self, silero: Silero
    ) -> None:
        speech = recording("q1_weather.wav")[16_000:32_000]
        sounds = [np.roll(speech, shift * 700) for shift in range(9)]
        alone = [await probabilities(silero.stream(), sound) for sound in sounds]
        together = await asyncio.gather(
            *(probabilities(silero.stream(), sound) for sound in sounds)
        )
        assert together == alone

    async def test_more_than_fit_into_one_run_are_all_answered(self, silero: Silero) -> None:
        window = recording("q1_weather.wav")[20_000 : 20_000 + WINDOW]
        answers = await asyncio.gather(*(silero.stream().probability(window) for _ in range(150)))
        assert len(set(answers)) == 1

    async def test_one_that_leaves_harms_nobody(self, silero: Silero) -> None:
        sound = recording("q1_weather.wav")[16_000:24_000]
        alone = await probabilities(silero.stream(), sound)
        leaving = [asyncio.ensure_future(probabilities(silero.stream(), sound)) for _ in range(5)]
        staying = asyncio.ensure_future(probabilities(silero.stream(), sound))
        for task in leaving:
            await asyncio.sleep(0)
            task.cancel()
        assert await staying == alone

    async def test_a_new_stream_remembers_nothing(self, silero: Silero) -> None:
        sound = recording("q1_weather.wav")[16_000:24_000]
        assert await probabilities(silero.stream(), sound) == await probabilities(
            silero.stream(), sound
        )


class TestOpenAndClosed:
    @pytest.mark.parametrize("callers", [1, 5])
    async def test_what_is_asked_of_a_closed_detector_fails(self, callers: int) -> None:
        detector = Silero()
        asked = [detector.stream().probability(noise(-20)[:WINDOW]) for _ in range(callers)]
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(answer, EngineFailed)

    async def test_it_can_be_opened_again(self) -> None:
        detector = Silero()
        for _ in range(2):
            await detector.open()
            assert await detector.stream().probability(noise(-20)[:WINDOW]) < 0.5
            await detector.close()

    async def test_a_window_of_another_length_is_refused(self, silero: Silero) -> None:
        with pytest.raises(ValueError, match="512"):
            await silero.stream().probability(np.zeros(1, np.int16))

    @pytest.mark.parametrize("callers", [1, 5])
    async def test_a_broken_run_fails_for_those_in_it_and_for_nobody_after(
        self, silero: Silero, callers: int
    ) -> None:
        window = noise(-20)[:WINDOW]
        broken = [silero.stream() for _ in range(callers)]
        for stream in broken:
            stream.state = np.zeros((2, 1, 1), np.float32)
        answers = await asyncio.gather(
            *(stream.probability(window) for stream in broken), return_exceptions=True
        )
        assert all(isinstance(answer, EngineFailed) for answer in answers)
        assert await silero.stream().probability(window) < 0.5
