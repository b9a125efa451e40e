"""Speaking with Deepgram's Aura: in time, in several voices at once, and silent when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest

from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts import deepgram_mouth
from repartee.engines.tts.deepgram import MOST_CHARS, RATE_HZ, DeepgramAura
from repartee.errors import (
    EngineFailed,
    EngineTimeout,
    EngineUnreachable,
    UnknownVoice,
)
from repartee.testing.checks import check_synthesizer
from repartee.testing.standins.deepgram import DeepgramStandIn
from tests.engines.deepgrams import Pauses, nothing_left_behind

pytestmark = pytest.mark.anyio

SENTENCE = "Good morning, and thank you for calling."
LONG = "a long story " * 100
"""Far more sound than fits into the buffers on the way."""


@pytest.fixture
async def standin() -> AsyncIterator[DeepgramStandIn]:
    async with DeepgramStandIn() as deepgram:
        yield deepgram


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def engine(standin: DeepgramStandIn, pauses: Pauses) -> AsyncIterator[DeepgramAura]:
    engine = DeepgramAura(api_key=standin.key, base_url=standin.url, sleep=pauses)
    await engine.open()
    yield engine
    await engine.close()


async def spoken(engine: DeepgramAura, text: str, speech: Speech | None = None) -> list[Sound]:
    return [piece async for piece in engine.synthesize(text, speech or Speech())]


def seconds(pieces: list[Sound]) -> float:
    return sum(len(piece.samples) for piece in pieces) / RATE_HZ


def letters(text: str) -> int:
    return len(text) - text.count(" ")


class TestTheContract:
    async def test_it_is_kept(self, standin: DeepgramStandIn) -> None:
        async with nothing_left_behind():
            await check_synthesizer(DeepgramAura(api_key=standin.key, base_url=standin.url))


class TestVoices:
    @pytest.mark.parametrize(
        ("name", "means"),
        [
            ("aura-asteria-en", "aura-asteria-en"),
            ("Aura-2-Thalia-EN", "aura-2-thalia-en"),
            ("af_heart", "aura-asteria-en"),
            ("af_bella", "aura-luna-en"),
            ("bf_emma", "aura-athena-en"),
            ("bm_george", "aura-helios-en"),
            ("bm_lewis", "aura-2-draco-en"),
            ("aura-3-nobody-yet-en", None),
            ("aura-2-newcomer-fr", "aura-2-newcomer-fr"),
            ("asteria", None),
        ],
    )
    async def test_names(self, engine: DeepgramAura, name: str, means: str | None) -> None:
        if means is None:
            with pytest.raises(UnknownVoice):
                engine.resolve(name, "en")
        else:
            assert engine.resolve(name, "en").name == means

    async def test_another_language_is_spoken_by_one_who_can(self, engine: DeepgramAura) -> None:
        voice = engine.resolve("am_adam", "es")
        assert (voice.name[-2:], voice.gender) == ("es", "male")

    async def test_voice_and_speed_go_into_the_address(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        await spoken(engine, SENTENCE, Speech("bm_george", speed=9))
        query = standin.connections[-1].query
        assert (query["model"], query["speed"]) == ("aura-helios-en", "1.5")
        assert (query["encoding"], query["sample_rate"]) == ("linear16", "24000")


class TestSound:
    async def test_every_sample_arrives(self, engine: DeepgramAura) -> None:
        pieces = await spoken(engine, SENTENCE)
        assert seconds(pieces) == pytest.approx(letters(SENTENCE) * 0.06)
        assert len(pieces) > 1
        assert all(np.all(piece.samples == 2_000) for piece in pieces)  # nothing was cut in two

    async def test_a_text_that_is_too_long_is_spoken_in_parts(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        text = "word " * 900
        standin.letter_ms = 1.0
        assert seconds(await spoken(engine, text)) == pytest.approx(letters(text) * 0.001)
        said = [m["text"] for m in standin.connections[0].messages if m["type"] == "Speak"]
        assert len(said) == 3
        assert max(map(len, said)) <= MOST_CHARS

    @pytest.mark.parametrize("text", ["", "  \n "])
    async def test_nothing_to_say_asks_nobody(
        self, engine: DeepgramAura, standin: DeepgramStandIn, text: str
    ) -> None:
        assert await spoken(engine, text) == []
        assert standin.connections[0].types == []


class TestConnections:
    async def test_one_is_warm_from_the_start_and_serves_again(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        await spoken(engine, SENTENCE)
        await spoken(engine, SENTENCE)
        assert len(standin.connections) == 1
        assert standin.connections[0].types == ["Speak", "Flush"] * 2

    async def test_texts_at_once_have_one_each(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        texts = [SENTENCE * times for times in (1, 2, 3, 4)]
        sounds = await asyncio.gather(*(spoken(engine, text) for text in texts))
        for text, sound in zip(texts, sounds, strict=True):
            assert seconds(sound) == pytest.approx(letters(text) * 0.06)
        assert len(standin.connections) == 4

    async def test_not_more_than_a_few_stay_warm(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        await asyncio.gather(*(spoken(engine, SENTENCE) for _ in range(7)))
        await standin.until(lambda: len(standin.open) == deepgram_mouth.MOST_WARM)

    async def test_one_that_spoke_too_often_rests(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        for _ in range(deepgram_mouth.MOST_FLUSHES + 3):
            assert await spoken(engine, "Yes.")
        assert [visit.types.count("Flush") for visit in standin.connections] == [18, 3]

    async def test_one_that_is_not_needed_is_closed(
        self, engine: DeepgramAura, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_mouth, "WARM_S", 0.0)
        await spoken(engine, SENTENCE)
        await standin.until(lambda: not standin.open)
        assert await spoken(engine, SENTENCE)

    async def test_one_that_was_hung_up_on_is_replaced(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        standin.cut()
        await standin.until(lambda: not standin.open)
        assert seconds(await spoken(engine, SENTENCE)) > 1


class TestLeaving:
    async def test_the_text_is_cleared_at_once_and_the_connection_serves_again(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        async with aclosing(engine.synthesize(LONG, Speech())) as pieces:
            await anext(pieces)
        await standin.until(lambda: "Clear" in standin.connections[0].types)
        await engine._mouths.settled()
        again = await spoken(engine, SENTENCE)
        assert seconds(again) == pytest.approx(letters(SENTENCE) * 0.06)
        assert len(standin.connections) == 1
        assert standin.connections[0].sent_samples < letters(LONG) * 0.06 * RATE_HZ

    async def test_nothing_of_it_is_heard_in_the_next_text(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        whole = round(letters(SENTENCE) * 0.06 * RATE_HZ)
        async with aclosing(engine.synthesize(SENTENCE, Speech())) as pieces:
            await anext(pieces)
            await standin.until(lambda: standin.connections[0].sent_samples >= whole - 1_000)
        await engine._mouths.settled()
        again = np.concatenate([piece.samples for piece in await spoken(engine, "Yes.")])
        assert len(again) == 4 * 0.06 * RATE_HZ
        assert np.all(again == 2_000)
        assert len(standin.connections) == 1

    async def test_cancelling_does_the_same(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        speaking = asyncio.ensure_future(spoken(engine, LONG))
        await standin.until(lambda: standin.connections[0].sent_samples > 0)
        speaking.cancel()
        await asyncio.wait([speaking])
        await standin.until(lambda: "Clear" in standin.connections[0].types)
        await engine._mouths.settled()
        assert seconds(await spoken(engine, "Yes.")) == pytest.approx(4 * 0.06)
        assert len(standin.connections) == 1

    async def test_one_that_does_not_fall_silent_is_closed(
        self, engine: DeepgramAura, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_mouth, "HUSH_WITHIN_S", 0.01)
        async with aclosing(engine.synthesize(SENTENCE, Speech())) as pieces:
            await anext(pieces)
            standin.hang = True
        await standin.until(lambda: not standin.open)


class TestTrouble:
    async def test_nobody_is_there(self, pauses: Pauses) -> None:
        async with DeepgramStandIn() as gone:
            url = gone.url
        engine = DeepgramAura(api_key="k", base_url=url, sleep=pauses)
        await engine.open()
        with pytest.raises(EngineUnreachable, match="Deepgram can't be reached"):
            await spoken(engine, SENTENCE)
        await engine.close()
        assert len(pauses.taken) == 5

    async def test_who_never_answers_is_waited_for_in_vain(
        self, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        standin.hang = True
        engine = DeepgramAura(api_key=standin.key, base_url=standin.url, timeout=0.05, sleep=pauses)
        await engine.open()
        with pytest.raises(EngineTimeout, match="Deepgram took too long"):
            await spoken(engine, SENTENCE)
        await engine.close()
        assert [visit.types for visit in standin.connections] == [["Speak", "Flush"]] * 2

    async def test_before_the_first_sound_it_is_tried_again(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        standin.drop_after = 0
        assert seconds(await spoken(engine, SENTENCE)) == pytest.approx(letters(SENTENCE) * 0.06)
        assert len(standin.connections) == 2

    async def test_in_the_middle_of_a_text_it_is_not(
        self, engine: DeepgramAura, standin: DeepgramStandIn
    ) -> None:
        standin.drop_after = 10_000
        with pytest.raises(EngineUnreachable, match="lost"):
            await spoken(engine, LONG)
        assert len(standin.connections) == 1

    async def test_a_warning_instead_of_sound_leads_to_another_connection(
        self, engine: DeepgramAura, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_mouth, "FLUSHES_COUNT_S", 0.0)
        for _ in range(21):
            assert await spoken(engine, "Yes.")
        assert len(standin.connections) == 2

    async def test_after_closing_nothing_is_spoken(
        self, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        async with nothing_left_behind():
            engine = DeepgramAura(api_key=standin.key, base_url=standin.url, sleep=pauses)
            await engine.open()
            await engine.close()
            with pytest.raises(EngineFailed, match="not open"):
                await spoken(engine, SENTENCE)
            await standin.until(lambda: not standin.open)
