"""Recognising speech with Deepgram's Flux: its turns, told as the transcript of one of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Transcript
from repartee.engines.stt import deepgram_hearing
from repartee.engines.stt.deepgram_flux import DeepgramFlux
from repartee.testing.checks import check_recognizer
from repartee.testing.standins.deepgram import DeepgramStandIn
from repartee.testing.standins.deepgram_ear import CODED_WORD_SAMPLES, coded
from tests.engines.deepgrams import Pauses, feed, first_partial, nothing_left_behind

pytestmark = pytest.mark.anyio

SEVEN = "one two three four five six seven"


@pytest.fixture
async def standin() -> AsyncIterator[DeepgramStandIn]:
    async with DeepgramStandIn() as deepgram:
        yield deepgram


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def engine(standin: DeepgramStandIn, pauses: Pauses) -> AsyncIterator[DeepgramFlux]:
    engine = DeepgramFlux(api_key=standin.key, base_url=standin.url, sleep=pauses)
    yield engine
    await engine.close()


async def test_the_contract_is_kept(engine: DeepgramFlux) -> None:
    async with nothing_left_behind():
        await check_recognizer(engine, coded(SEVEN))


async def test_partials_replace_each_other_and_the_turn_is_settled_on_request(
    engine: DeepgramFlux, standin: DeepgramStandIn
) -> None:
    async with engine.listen(Caller("a"), "en") as hearing:
        feed(hearing, coded("one two three four"))
        partial = await first_partial(hearing, lambda text: text.startswith("one two"))
        assert "one two three four".startswith(partial)
        feed(hearing, coded("five six seven"))
        settled = await hearing.settle()
    assert settled.text == SEVEN
    assert settled.confidence == pytest.approx(0.98)
    assert settled.finished == pytest.approx(0.9)
    assert standin.connections[0].types == ["ForceEndTurn"]


async def test_a_turn_that_goes_on_is_settled_as_a_whole(engine: DeepgramFlux) -> None:
    async with engine.listen(Caller("a"), "en") as hearing:
        feed(hearing, coded("one two"))
        assert (await hearing.settle()).text == "one two"
        feed(hearing, coded("three four"))
        assert (await hearing.settle()).text == "one two three four"


async def test_sound_is_sent_in_the_measure_that_flux_likes(
    engine: DeepgramFlux, standin: DeepgramStandIn
) -> None:
    async with engine.listen(Caller("a"), "en") as hearing:
        hearing.feed(coded("one")[:1000])
        await standin.until(lambda: bool(standin.connections))
        hearing.feed(coded("one")[1000:1500])
        await standin.until(lambda: standin.connections[0].samples == 1500)


async def test_silence_keeps_it_alive_and_is_no_part_of_the_turn(
    engine: DeepgramFlux, standin: DeepgramStandIn, pauses: Pauses
) -> None:
    async with engine.listen(Caller("a"), "en") as hearing:
        feed(hearing, coded("one two"))
        await hearing.settle()
        sent = standin.connections[0].samples
        pauses.tick()
        await asyncio.sleep(0)
        pauses.tick()
        await standin.until(lambda: standin.connections[0].samples > sent)
        feed(hearing, coded("three"))
        assert (await hearing.settle()).text == "one two three"
        standin.cut()
        await standin.until(lambda: not standin.open)
        feed(hearing, coded("four"))
        assert (await hearing.settle()).text == "one two three four"


async def test_a_turn_without_words_is_settled_by_how_far_it_has_listened(
    engine: DeepgramFlux, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 0.01)
    async with engine.listen(Caller("a"), "en") as hearing:
        feed(hearing, np.zeros(LISTENING_RATE_HZ, np.int16))
        assert await hearing.settle() == Transcript("", 0.0)


@pytest.mark.parametrize("words_before", [0.5, 3.5, 6])
async def test_a_broken_connection_loses_nothing(
    engine: DeepgramFlux, standin: DeepgramStandIn, words_before: float
) -> None:
    standin.drop_after = int(words_before * CODED_WORD_SAMPLES)
    async with engine.listen(Caller("a"), "en") as hearing:
        feed(hearing, coded(SEVEN))
        assert (await hearing.settle()).text == SEVEN


async def test_every_turn_has_a_connection_of_its_own(
    engine: DeepgramFlux, standin: DeepgramStandIn
) -> None:
    caller = Caller("a")
    for _ in range(2):
        async with engine.listen(caller, "en") as hearing:
            feed(hearing, coded("one"))
            assert (await hearing.settle()).text == "one"
    await standin.until(lambda: not standin.open)
    assert len(standin.connections) == 2


async def test_only_the_multilingual_model_is_told_the_language(standin: DeepgramStandIn) -> None:
    for model in ("flux-general-en", "flux-general-multi"):
        engine = DeepgramFlux(api_key=standin.key, base_url=standin.url, model=model)
        async with engine.listen(Caller("a"), "de") as hearing:
            feed(hearing, coded("eins"))
            await hearing.settle()
        await engine.close()
    hints = [visit.query.get("language_hint") for visit in standin.connections]
    assert hints == [None, "de"]
