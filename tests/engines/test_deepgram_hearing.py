"""A turn on its way to Deepgram, without a network: what is sent, and what an answer covers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec
import numpy as np
import pytest

from repartee.engines.deepgram import deepgram
from repartee.engines.protocols import LISTENING_RATE_HZ, Transcript
from repartee.engines.stt.deepgram_hearing import DeepgramHearing
from repartee.engines.stt.deepgram_line import Line
from repartee.engines.stt.deepgram_wires import Flux, Nova, Piece, Wire, Word, spelled

pytestmark = pytest.mark.anyio

SECOND = LISTENING_RATE_HZ
SERVICE = deepgram("k", "ws://127.0.0.1:9", 1.0)
FINALIZE = Nova.settle


def silence(seconds: float) -> np.typing.NDArray[np.int16]:
    return np.zeros(round(seconds * SECOND), np.int16)


def piece(text: str, until_s: float, *, final: bool = True, asked: bool = False) -> Piece:
    return Piece(text, 0.9, 0, round(until_s * SECOND), final, asked, ())


def drained(talker: DeepgramHearing | Line) -> list[str | int]:
    """Everything there is to send: texts, and the lengths of sound in milliseconds, joined."""
    sent: list[str | int] = []
    while (message := talker.next()) is not None:
        if isinstance(message, str):
            sent.append(message)
            continue
        ms = len(message) * 1000 // (2 * SECOND)
        joined = sent and isinstance(sent[-1], int)
        sent.append(sent.pop() + ms if joined else ms)  # type: ignore[operator]
    return sent


@pytest.fixture
async def hearing() -> DeepgramHearing:
    return DeepgramHearing(SERVICE, Nova("nova-3"), lambda: None)


async def asked(hearing: DeepgramHearing) -> asyncio.Task[Transcript]:
    """A question that was sent together with all the sound before it."""
    settling = asyncio.create_task(hearing.settle())
    await asyncio.sleep(0)
    assert drained(hearing)[-1] == FINALIZE
    return settling


class TestAnswers:
    async def test_one_that_was_asked_for_counts_even_if_it_ends_early(
        self, hearing: DeepgramHearing
    ) -> None:
        hearing.feed(silence(2))
        settling = await asked(hearing)
        hearing.take(piece("hello", 1.5, asked=True))
        assert (await settling).text == "hello"

    async def test_one_that_reaches_so_far_counts_even_if_it_was_not_asked_for(
        self, hearing: DeepgramHearing
    ) -> None:
        hearing.feed(silence(2))
        settling = await asked(hearing)
        hearing.take(piece("hello", 1.95))
        await asyncio.sleep(0)
        assert settling.done()  # there was nothing to wait for
        assert settling.result().text == "hello"

    async def test_one_about_the_beginning_does_not(self, hearing: DeepgramHearing) -> None:
        hearing.feed(silence(2))
        settling = await asked(hearing)
        hearing.take(piece("hello", 1))
        hearing.take(piece("you", 1.5, final=False))
        await asyncio.sleep(0)
        assert not settling.done()
        hearing.take(piece("you there", 2, asked=True))
        assert (await settling).text == "hello you there"

    async def test_what_is_final_already_is_not_asked_for(self, hearing: DeepgramHearing) -> None:
        hearing.feed(silence(2))
        drained(hearing)
        hearing.take(piece("hello", 1.95))
        assert (await hearing.settle()).text == "hello"
        assert drained(hearing) == []

    async def test_longer_pieces_count_for_more(self, hearing: DeepgramHearing) -> None:
        hearing.feed(silence(2))
        drained(hearing)
        hearing.take(Piece("one two three", 1.0, 0, SECOND, True, False, ()))
        hearing.take(Piece("four", 0.2, SECOND, 2 * SECOND, True, False, ()))
        assert (await hearing.settle()).confidence == pytest.approx(0.8)


class TestSending:
    async def test_a_question_comes_after_its_sound_and_before_what_follows(
        self, hearing: DeepgramHearing
    ) -> None:
        hearing.feed(silence(1))
        settling = asyncio.create_task(hearing.settle())
        await asyncio.sleep(0)
        hearing.feed(silence(0.5))
        assert drained(hearing) == [1000, FINALIZE, 500]
        settling.cancel()

    async def test_after_a_break_all_that_was_not_final_is_sent_again(
        self, hearing: DeepgramHearing
    ) -> None:
        hearing.feed(silence(3))
        settling = await asked(hearing)
        hearing.take(piece("hello", 1))
        assert hearing.rewind() == SECOND
        assert drained(hearing) == [2000, FINALIZE]
        settling.cancel()

    async def test_flux_gets_its_measure_unless_it_is_asked(self) -> None:
        hearing = DeepgramHearing(SERVICE, Flux("flux-general-en", hints=False), lambda: None)
        hearing.feed(silence(0.07))
        assert drained(hearing) == []
        hearing.feed(silence(0.02))
        assert drained(hearing) == [90]
        hearing.feed(silence(0.03))
        settling = asyncio.create_task(hearing.settle())
        await asyncio.sleep(0)
        assert drained(hearing) == [30, Flux.settle]
        settling.cancel()


class TestPlacesInTheStream:
    """A line that never gets a connection, talked to as if it had one."""

    @pytest.fixture
    async def line(self) -> AsyncIterator[Callable[[Wire], Line]]:
        lines: list[Line] = []

        async def never(_: float) -> None:
            await asyncio.Event().wait()

        def made(wire: Wire) -> Line:
            lines.append(Line(SERVICE, wire, "en", sleep=never, ended=lambda _: None))
            return lines[-1]

        yield made
        for line in lines:
            line.close()
            await asyncio.wait([line.task])

    async def test_silence_that_keeps_alive_takes_no_place_in_the_turn(
        self, line: Callable[[Wire], Line]
    ) -> None:
        flux = line(Flux("flux-general-en", hints=False))
        hearing = flux.attach()
        flux.begin()
        for _ in range(15):
            flux.keep_alive()  # 1.5 seconds
        hearing.feed(silence(2))
        drained(flux)
        turn = {"type": "TurnInfo", "event": "EndOfTurn", "trigger": "model"}
        told = {"audio_window_start": 0, "audio_window_end": 2.5, "transcript": "hello"}
        flux.take(json.dumps(turn | told))
        assert hearing.rewind() == SECOND

    async def test_an_answer_to_the_last_turn_is_none_to_this(
        self, line: Callable[[Wire], Line]
    ) -> None:
        nova = line(Nova("nova-3"))
        before = nova.attach()
        nova.begin()
        before.feed(silence(2))
        drained(nova)
        hearing = nova.attach()
        hearing.feed(silence(1))
        settling = asyncio.create_task(hearing.settle())
        await asyncio.sleep(0)
        assert drained(nova) == [1000, FINALIZE]
        for start, seconds, text in ((0, 2.02, "of the last"), (2.02, 0.98, "of this")):
            results = {"type": "Results", "start": start, "duration": seconds, "is_final": True}
            alternative = {"transcript": text, "confidence": 0.9}
            channel = {"channel": {"alternatives": [alternative]}}
            nova.take(json.dumps(results | channel | {"from_finalize": True}))
            await asyncio.sleep(0)
            assert settling.done() == (text == "of this")
        assert settling.result().text == "of this"

    async def test_of_a_piece_that_two_turns_share_each_gets_its_words(self) -> None:
        words = (Word("one", 0.2, 0.9), Word("two", 1.2, 0.5, "Two."))
        shared = Piece("one two.", 0.7, 0, 2 * SECOND, True, False, words)
        own = shared.since(SECOND).moved(SECOND)
        assert (own.text, own.confidence, own.start, own.end) == ("Two.", 0.5, 0, SECOND)


@pytest.mark.parametrize(
    ("said", "written"), [("en", "en"), ("EN_us", "en-US"), (" pt-br", "pt-BR"), ("multi", "multi")]
)
def test_languages_are_spelled_as_deepgram_does(said: str, written: str) -> None:
    assert spelled(said) == written


class TestLanguages:
    def test_any_of_several_is_asked_for_by_its_own_name(self) -> None:
        assert spelled("auto") == "multi"
        assert ("language", "multi") in Nova("nova-3").query(spelled("auto"))

    def test_flux_is_given_no_hint_then(self) -> None:
        hinted = dict(Flux("flux-general-multi", hints=True).query("de"))
        assert hinted["language_hint"] == "de"
        free = dict(Flux("flux-general-multi", hints=True).query(spelled("auto")))
        assert "language_hint" not in free

    @pytest.mark.parametrize(
        ("languages", "told"),
        [(["de", "en"], "de"), ([], None), (None, None), (["Answer in Klingon."], None)],
    )
    def test_the_first_that_is_told_is_that_of_most_words(
        self, languages: list[str] | None, told: str | None
    ) -> None:
        heard = {"transcript": "Guten Tag", "confidence": 0.9, "languages": languages}
        nova = {"type": "Results", "start": 0, "duration": 1, "channel": {"alternatives": [heard]}}
        assert language_in(Nova("nova-3"), nova) == told
        place = {"audio_window_start": 0, "audio_window_end": 1}
        flux = {"type": "TurnInfo", "event": "Update", "languages": languages, **place}
        assert language_in(Flux("flux-general-multi", hints=True), flux) == told

    async def test_of_a_turn_is_the_one_in_which_most_was_said(
        self, hearing: DeepgramHearing
    ) -> None:
        hearing.feed(silence(3))
        settling = await asked(hearing)
        for text, until_s, language in (
            ("well", 1, "en"),
            ("ich hätte gern ein Taxi", 2, "de"),
            ("please", 3, "en"),
        ):
            told = msgspec.structs.replace(piece(text, until_s, asked=True), language=language)
            hearing.take(told)
        assert (await settling).language == "de"


def language_in(wire: Wire, message: Mapping[str, object]) -> str | None:
    heard = wire.read(json.dumps(message), SERVICE)
    assert heard is not None
    return heard.language
