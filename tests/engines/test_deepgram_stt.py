"""Recognising speech with Deepgram's Nova: over connections that break, refuse and fall silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.engines.live import PAUSES_S
from repartee.engines.protocols import Caller, Transcript
from repartee.engines.stt import deepgram_hearing, deepgram_line
from repartee.engines.stt.deepgram import Deepgram
from repartee.errors import (
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineTimeout,
    EngineUnreachable,
    SettingsError,
)
from repartee.testing.checks import check_recognizer
from repartee.testing.standins.deepgram import DeepgramStandIn
from repartee.testing.standins.deepgram_ear import CODED_WORD_SAMPLES, coded
from tests.engines.deepgrams import Pauses, feed, first_partial, nothing_left_behind

pytestmark = pytest.mark.anyio

SEVEN = "one two three four five six seven"
TEN = f"{SEVEN} eight nine ten"


@pytest.fixture
async def standin() -> AsyncIterator[DeepgramStandIn]:
    async with DeepgramStandIn() as deepgram:
        yield deepgram


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def engine(standin: DeepgramStandIn, pauses: Pauses) -> AsyncIterator[Deepgram]:
    engine = Deepgram(api_key=standin.key, base_url=standin.url, sleep=pauses)
    yield engine
    await engine.close()


async def heard(engine: Deepgram, caller: Caller, text: str) -> Transcript:
    async with engine.listen(caller, "en") as hearing:
        feed(hearing, coded(text))
        return await hearing.settle()


def _samples(standin: DeepgramStandIn) -> int:
    """How much sound has come, over all connections."""
    return sum(visit.samples for visit in standin.connections)


def _asked(standin: DeepgramStandIn) -> bool:
    return any("Finalize" in visit.types for visit in standin.connections)


class TestTheContract:
    async def test_it_is_kept(self, engine: Deepgram) -> None:
        async with nothing_left_behind():
            await check_recognizer(engine)

    async def test_it_is_kept_by_words_that_say_themselves(self, engine: Deepgram) -> None:
        await check_recognizer(engine, coded(TEN))


class TestTranscripts:
    async def test_partials_grow_while_one_speaks(self, engine: Deepgram) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two three"))
            partial = await first_partial(hearing, lambda text: text.startswith("one two"))
            assert "one two three".startswith(partial)
            feed(hearing, coded("four five six seven"))
            assert (await hearing.settle()).text == SEVEN

    async def test_the_words_of_every_segment_are_joined(self, engine: Deepgram) -> None:
        transcript = await heard(engine, Caller("a"), TEN)
        assert transcript.text == TEN
        assert transcript.confidence == pytest.approx(0.98)

    async def test_a_turn_that_goes_on_is_settled_as_a_whole(self, engine: Deepgram) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two three"))
            assert (await hearing.settle()).text == "one two three"
            feed(hearing, coded("four five"))
            assert (await hearing.settle()).text == "one two three four five"

    async def test_settling_again_asks_nobody(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded(SEVEN))
            assert await hearing.settle() == await hearing.settle()
        assert standin.connections[0].types.count("Finalize") == 1

    async def test_a_moment_of_sound_is_no_words(self, engine: Deepgram) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            hearing.feed(np.ones(800, np.int16))
            assert await hearing.settle() == Transcript("", 0.0)

    async def test_two_ask_at_different_places(self, engine: Deepgram) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two"))
            early = asyncio.ensure_future(hearing.settle())
            await asyncio.sleep(0)
            feed(hearing, coded("three"))
            assert (await hearing.settle()).text == "one two three"
            assert (await early).text.startswith("one two")

    async def test_what_is_asked_for_goes_into_the_address(self, standin: DeepgramStandIn) -> None:
        engine = Deepgram(api_key=standin.key, base_url=standin.url, model="nova-2")
        async with engine.listen(Caller("a"), "pt_br") as hearing:
            feed(hearing, coded("um"))
            await hearing.settle()
        await engine.close()
        query = standin.connections[0].query
        assert (query["model"], query["language"]) == ("nova-2", "pt-BR")
        assert (query["encoding"], query["sample_rate"]) == ("linear16", "16000")

    async def test_a_language_that_is_set_is_heard_whatever_is_spoken(
        self, standin: DeepgramStandIn
    ) -> None:
        engine = Deepgram(api_key=standin.key, base_url=standin.url, language="multi")
        await heard(engine, Caller("a"), "one")
        await engine.close()
        assert standin.connections[0].query["language"] == "multi"


class TestSeveralCallers:
    async def test_they_do_not_mix(self, engine: Deepgram, standin: DeepgramStandIn) -> None:
        texts = [f"{SEVEN} {name}" for name in ("ann", "bob", "cid", "dee", "eve")]
        spoken = await asyncio.gather(*(heard(engine, Caller(text), text) for text in texts))
        assert [transcript.text for transcript in spoken] == texts
        assert len(standin.connections) == 5


class TestTheLineBetweenTurns:
    async def test_it_stays_warm_for_the_next_turn(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        caller = Caller("a")
        assert (await heard(engine, caller, SEVEN)).text == SEVEN
        assert (await heard(engine, caller, "eight nine ten")).text == "eight nine ten"
        assert len(standin.connections) == 1

    async def test_nothing_of_a_turn_is_heard_in_the_next(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        caller, gate = Caller("a"), asyncio.Event()

        async def slow() -> None:
            await gate.wait()

        async with engine.listen(caller, "en") as hearing:
            feed(hearing, coded("one two"))
            await hearing.settle()
            standin.delay = slow
            feed(hearing, coded("three four"))
            await standin.until(lambda: _samples(standin) > 3 * CODED_WORD_SAMPLES)
        async with engine.listen(caller, "en") as hearing:
            gate.set()  # what was said of the last turn comes only now
            feed(hearing, coded("five six"))
            assert (await hearing.settle()).text == "five six"
        assert len(standin.connections) == 1

    async def test_words_before_the_turn_are_cut_off_where_two_share_a_piece(
        self, engine: Deepgram, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 0.01)
        caller = Caller("a")
        standin.deaf = True
        async with engine.listen(caller, "en") as hearing:
            feed(hearing, coded("one"))
            await hearing.settle()
            feed(hearing, coded("two"))
            await standin.until(lambda: _samples(standin) == 2 * CODED_WORD_SAMPLES)
        await standin.until(lambda: standin.connections[0].types == ["Finalize"] * 2)
        standin.deaf = False
        monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 1.0)
        assert (await heard(engine, caller, "six seven")).text == "six seven"
        assert len(standin.connections) == 1

    async def test_who_leaves_without_asking_takes_the_line_along(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        caller = Caller("a")
        async with engine.listen(caller, "en") as hearing:
            feed(hearing, coded(SEVEN))
            await first_partial(hearing, bool)
        await standin.until(lambda: standin.connections[0].over)
        assert (await heard(engine, caller, "eight nine")).text == "eight nine"

    async def test_another_language_needs_another_line(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        caller = Caller("a")
        await heard(engine, caller, "one")
        async with engine.listen(caller, "de") as hearing:
            feed(hearing, coded("zwei"))
            assert (await hearing.settle()).text == "zwei"
        assert [visit.query["language"] for visit in standin.connections] == ["en", "de"]

    async def test_it_is_kept_alive_while_nobody_speaks(
        self, engine: Deepgram, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        caller = Caller("a")
        await heard(engine, caller, "one two")
        pauses.tick()
        assert (await heard(engine, caller, "three")).text == "three"
        assert "KeepAlive" not in standin.connections[0].types  # there was sound in that while
        pauses.tick()
        await asyncio.sleep(0)
        pauses.tick()
        await standin.until(lambda: "KeepAlive" in standin.connections[0].types)
        assert (await heard(engine, caller, "four five")).text == "four five"

    async def test_a_line_that_was_hung_up_on_is_replaced(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        caller = Caller("a")
        await heard(engine, caller, "one two")
        (line,) = caller.notes.values()
        standin.starve()
        await asyncio.wait([line.task])
        assert [visit.close_code for visit in standin.connections] == [1011]
        assert (await heard(engine, caller, "three four")).text == "three four"

    async def test_it_is_given_up_when_nobody_speaks_for_long(
        self, engine: Deepgram, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_line, "WARM_S", 0.0)
        async with nothing_left_behind():
            await heard(engine, Caller("a"), "one two")
            await standin.until(lambda: bool(standin.connections) and not standin.open)
            await engine.close()


class TestBrokenConnections:
    @pytest.mark.parametrize("words_before", [0.5, 1.5, 4.5, 6, 9.9])
    async def test_no_sound_and_no_word_is_lost_or_heard_twice(
        self, engine: Deepgram, standin: DeepgramStandIn, words_before: float
    ) -> None:
        standin.drop_after = int(words_before * CODED_WORD_SAMPLES)
        assert (await heard(engine, Caller("a"), TEN)).text == TEN
        first, second = standin.connections
        assert first.samples + second.samples >= 10 * CODED_WORD_SAMPLES
        assert first.over

    async def test_only_what_was_not_final_is_said_again(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two three"))
            await hearing.settle()
            standin.cut()
            await standin.until(lambda: standin.connections[0].over)
            feed(hearing, coded("four five"))
            assert (await hearing.settle()).text == "one two three four five"
        assert standin.connections[1].samples == 2 * CODED_WORD_SAMPLES

    async def test_a_call_may_be_cut_again_and_again(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            for word in TEN.split():
                feed(hearing, coded(word))
                transcript = await hearing.settle()
                standin.cut()
                await standin.until(lambda: not standin.open)
        assert transcript.text == TEN

    async def test_a_question_that_went_under_is_asked_again(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        standin.hang = True
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded(SEVEN))
            settling = asyncio.ensure_future(hearing.settle())
            await standin.until(lambda: _asked(standin))
            standin.hang = False
            standin.cut()
            assert (await settling).text == SEVEN
        assert standin.connections[1].samples == 7 * CODED_WORD_SAMPLES

    async def test_the_pauses_between_tries_grow_and_end(
        self, engine: Deepgram, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        standin.status = 503
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded(SEVEN))
            with pytest.raises(EngineFailed, match="Deepgram failed with the status 503"):
                await hearing.settle()
            with pytest.raises(EngineFailed):
                await first_partial(hearing, bool)
        assert standin.refused == 6
        for taken, usual in zip(pauses.taken, PAUSES_S, strict=True):
            assert usual / 2 <= taken <= usual * 1.5

    async def test_a_service_that_comes_back_finds_the_whole_turn(
        self, engine: Deepgram, standin: DeepgramStandIn
    ) -> None:
        standin.status = 503
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two three"))
            await standin.until(lambda: standin.refused == 2)
            standin.status = 0
            feed(hearing, coded("four five six seven"))
            assert (await hearing.settle()).text == SEVEN

    async def test_more_than_can_be_kept_is_refused(
        self, engine: Deepgram, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_hearing, "MOST_KEPT_SAMPLES", CODED_WORD_SAMPLES)
        standin.hang = True
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two"))
            with pytest.raises(EngineFailed, match="too far behind"):
                await hearing.settle()


class TestTrouble:
    async def test_a_key_that_was_withdrawn_is_told_without_another_try(
        self, engine: Deepgram, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        standin.status = 401
        with pytest.raises(EngineLocked, match="DEEPGRAM_API_KEY"):
            await heard(engine, Caller("a"), SEVEN)
        assert (standin.refused, pauses.taken) == (1, [])

    @pytest.mark.parametrize("key", ["", "  "])
    async def test_a_key_is_needed(self, key: str) -> None:
        with pytest.raises(EngineLocked, match="Please set DEEPGRAM_API_KEY"):
            await Deepgram(api_key=key).open()

    async def test_a_key_that_can_be_none_is_not_shown(self) -> None:
        with pytest.raises(EngineLocked) as caught:
            await Deepgram(api_key="sec\nret").open()
        assert "ret" not in str(caught.value)

    @pytest.mark.parametrize("url", ["", "deepgram.com", "ftp://a", "wss://", "wss://a:99999"])
    async def test_an_address_that_is_none(self, url: str) -> None:
        with pytest.raises(SettingsError, match="DEEPGRAM_BASE_URL"):
            await Deepgram(api_key="k", base_url=url).open()

    async def test_a_model_that_does_not_exist(self, standin: DeepgramStandIn) -> None:
        engine = Deepgram(api_key=standin.key, base_url=standin.url, model="whisper")
        with pytest.raises(EngineError, match="refused the connection with the status 400"):
            await engine.open()

    async def test_a_start_without_the_network_is_allowed(
        self, pauses: Pauses, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with DeepgramStandIn() as gone:
            url = gone.url
        engine = Deepgram(api_key="k", base_url=url, sleep=pauses)
        await engine.open()
        assert "Deepgram can't be reached" in caplog.text
        with pytest.raises(EngineUnreachable, match="DEEPGRAM_BASE_URL"):
            await heard(engine, Caller("a"), SEVEN)
        await engine.close()

    async def test_a_service_that_proves_no_identity_gets_nothing(
        self, standin: DeepgramStandIn, pauses: Pauses
    ) -> None:
        secure = standin.url.replace("ws:", "https:")
        engine = Deepgram(api_key=standin.key, base_url=secure, sleep=pauses)
        with pytest.raises(EngineUnreachable):
            await heard(engine, Caller("a"), SEVEN)
        await engine.close()
        assert standin.connections == []

    async def test_who_never_answers_is_waited_for_in_vain(
        self, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 0.01)
        engine = Deepgram(api_key=standin.key, base_url=standin.url, timeout=0.2)
        standin.hang = True
        with pytest.raises(EngineTimeout, match="Deepgram took too long"):
            await heard(engine, Caller("a"), TEN)
        await engine.close()

    async def test_a_question_left_unanswered_is_answered_by_what_is_known(
        self, engine: Deepgram, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 0.01)
        standin.deaf = True
        async with engine.listen(Caller("a"), "en") as hearing:
            feed(hearing, coded("one two three"))
            await first_partial(hearing, lambda text: text.startswith("one two"))
            assert (await hearing.settle()).text.startswith("one two")

    async def test_the_key_is_in_no_log_and_no_repr(
        self, standin: DeepgramStandIn, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        engine = Deepgram(api_key=standin.key, base_url=standin.url)
        await engine.open()
        await heard(engine, Caller("a"), "one two")
        await engine.close()
        told = [  # all but what the stand-in tells, which is none of ours
            record.getMessage() for record in caplog.records if record.name != "websockets.server"
        ]
        assert standin.key not in "".join([*told, repr(engine), repr(vars(engine))])


class TestClosing:
    async def test_it_ends_every_line(self, engine: Deepgram, standin: DeepgramStandIn) -> None:
        async with nothing_left_behind():
            await heard(engine, Caller("a"), "one")
            async with engine.listen(Caller("b"), "en") as hearing:
                feed(hearing, coded("two three"))
                await first_partial(hearing, bool)
                await engine.close()
            await standin.until(lambda: not standin.open)
            assert [visit.close_code for visit in standin.connections] == [1000, 1000]

    async def test_partials_end_with_the_hearing(self, engine: Deepgram) -> None:
        async with engine.listen(Caller("a"), "en") as hearing:
            partials = asyncio.ensure_future(anext(aiter(hearing.partials()), None))
            await asyncio.sleep(0)
        assert await partials is None
