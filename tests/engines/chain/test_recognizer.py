"""Recognisers that stand in for one another: no sound is lost, nothing is mixed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.engines.chain import seat
from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.protocols import Caller, Hearing, Recognizer, Samples, Transcript
from repartee.engines.stt.scripted import NOTE
from repartee.errors import EngineFailed, RequestRefused
from tests.calls.fakes import hangs, raises
from tests.engines.chain.troubled import TroubledRecognizer
from tests.engines.chain.watching import Clock, nothing_left_behind, switches_told

pytestmark = pytest.mark.anyio

RULES = ChainRules(deadline_s=1.0, breaker=BreakerRules(failures=2, rest_s=10))
SOUND: Samples = np.arange(32_000).astype(np.int16)
TEXT = "one two three four five six"
BROKEN = raises(EngineFailed("The line was cut."))


@asynccontextmanager
async def chain(*engines: Recognizer, rules: ChainRules = RULES) -> AsyncIterator[RecognizerChain]:
    whole = RecognizerChain(engines, rules)
    async with nothing_left_behind():
        await whole.open()
        yield whole
        await whole.close()


async def feed(hearing: Hearing, sound: Samples = SOUND) -> None:
    for at in range(0, len(sound), 320):
        hearing.feed(sound[at : at + 320])
        await asyncio.sleep(0.001)


async def heard(by: Recognizer, caller: Caller | None = None) -> Transcript:
    async with by.listen(caller or Caller("anybody"), "en") as hearing:
        await feed(hearing)
        return await hearing.settle()


class TestFallingOver:
    async def test_the_first_that_works_hears(self) -> None:
        second = TroubledRecognizer()
        async with chain(TroubledRecognizer(TEXT), second) as ears:
            assert (await heard(ears)).text == TEXT
        assert second.ears == []

    async def test_on_failure_the_next_hears_all_of_the_turn(self) -> None:
        first, second = TroubledRecognizer("other words", settling=BROKEN), TroubledRecognizer()
        with switches_told() as told:
            async with chain(first, second) as ears:
                assert (await heard(ears)).text == TEXT
        assert np.array_equal(second.ears[0].sound, SOUND)
        assert told == [("troubled", "troubled")]
        assert (first.left, second.left) == (1, 1)

    async def test_on_a_missed_deadline_too(self) -> None:
        first, second = TroubledRecognizer(settling=hangs), TroubledRecognizer()
        async with chain(first, second) as ears, ears.listen(Caller("anybody"), "en") as hearing:
            await feed(hearing)
            clock = Clock()
            assert (await hearing.settle()).text == TEXT
            assert clock.ms == 1_000
            await asyncio.sleep(0)
            assert first.left == 1
        assert np.array_equal(second.ears[0].sound, SOUND)

    async def test_one_that_breaks_while_somebody_speaks(self) -> None:
        """The next takes over at once, in mid-speech, and its words are told from then on."""
        partials = 0

        async def break_at_the_second() -> None:
            nonlocal partials
            partials += 1
            if partials == 2:
                await BROKEN()

        first = TroubledRecognizer("wrong " * 6, partials=break_at_the_second)
        second = TroubledRecognizer(TEXT)
        async with chain(first, second) as ears, ears.listen(Caller("anybody"), "en") as hearing:
            told: list[str] = []

            async def note() -> None:
                async for text in hearing.partials():
                    told.append(text)

            noting = asyncio.create_task(note())
            await feed(hearing)
            assert len(second.ears) == 1, "nobody had to ask"
            assert (await hearing.settle()).text == TEXT
            noting.cancel()
        assert np.array_equal(second.ears[0].sound, SOUND)
        assert told[0] == "wrong"
        assert told[1:], "partials go on"
        assert all(TEXT.startswith(text) for text in told[1:])

    @pytest.mark.parametrize("trouble", [hangs, BROKEN])
    async def test_one_that_does_not_connect(self, trouble: object) -> None:
        first, second = TroubledRecognizer(opening=trouble), TroubledRecognizer()  # type: ignore[arg-type]
        async with chain(first, second) as ears, ears.listen(Caller("anybody"), "en") as hearing:
            await feed(hearing)
            await asyncio.sleep(1.0)
            assert len(second.ears) == 1, "before anybody asked"
            assert (await hearing.settle()).text == TEXT
        assert np.array_equal(second.ears[0].sound, SOUND)

    async def test_if_all_fail_so_does_the_turn(self) -> None:
        async with (
            chain(*(TroubledRecognizer(settling=BROKEN) for _ in "ab")) as ears,
            ears.listen(Caller("anybody"), "en") as hearing,
        ):
            await feed(hearing)
            with pytest.raises(EngineFailed, match="The line was cut"):
                await hearing.settle()
            with pytest.raises(EngineFailed, match="The line was cut"):
                await anext(hearing.partials())

    async def test_who_fails_turn_by_turn_is_passed_over(self) -> None:
        first = TroubledRecognizer(settling=BROKEN)
        async with chain(first, TroubledRecognizer()) as ears:
            for _ in range(4):
                await heard(ears)
        assert len(first.ears) == 2, "that it opens does not prove that it hears"

    async def test_a_turn_too_long_to_be_kept_stays_where_it_is(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(seat, "MOST_SAMPLES", 16_000)
        second = TroubledRecognizer()
        async with chain(TroubledRecognizer(settling=BROKEN), second) as ears:
            with pytest.raises(EngineFailed, match="The line was cut"):
                await heard(ears)
        assert second.ears == []

    async def test_one_that_comes_at_once_is_too_long_and_not_empty(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(seat, "MOST_SAMPLES", 16_000)
        async with chain(TroubledRecognizer(), TroubledRecognizer()) as ears:
            for _ in range(3):
                async with ears.listen(Caller("anybody"), "en") as hearing:
                    hearing.feed(SOUND)
                    with pytest.raises(RequestRefused, match="too long"):
                        await hearing.settle()
            assert ears.figures().failures["troubled"] == 0

    async def test_what_an_engine_finds_too_long_is_not_held_against_it(self) -> None:
        too_long = raises(RequestRefused("This turn is too long."))
        first, second = TroubledRecognizer("other", settling=too_long), TroubledRecognizer()
        async with chain(first, second) as ears:
            for _ in range(3):
                assert (await heard(ears)).text == TEXT
            assert [one.state for one in ears.report().members] == ["working", "working"]


class TestHedging:
    HEDGED = ChainRules(deadline_s=1.0, hedge=True)

    async def test_the_next_is_asked_at_half_time(self) -> None:
        first, second = TroubledRecognizer(settling=hangs), TroubledRecognizer()
        async with (
            chain(first, second, rules=self.HEDGED) as ears,
            ears.listen(Caller("anybody"), "en") as hearing,
        ):
            await feed(hearing)
            clock = Clock()
            assert (await hearing.settle()).text == TEXT
            assert clock.ms == 500
            await asyncio.sleep(0)
            assert first.left == 1

    async def test_a_question_that_is_withdrawn_costs_nobody_the_turn(self) -> None:
        first, second = TroubledRecognizer(settling=hangs), TroubledRecognizer(settling=hangs)
        async with (
            chain(first, second, rules=self.HEDGED) as ears,
            ears.listen(Caller("anybody"), "en") as hearing,
        ):
            await feed(hearing)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.7):
                    await hearing.settle()
            await asyncio.sleep(5)
            assert (first.left, second.left) == (0, 1)
            first.settling = TroubledRecognizer().settling
            first.ears[0]._settling = first.settling
            assert (await hearing.settle()).text == TEXT


class TestTurns:
    async def test_the_speaker_may_go_on_after_a_switch(self) -> None:
        first, second = TroubledRecognizer(settling=hangs), TroubledRecognizer()
        async with chain(first, second) as ears, ears.listen(Caller("anybody"), "en") as hearing:
            await feed(hearing, SOUND[:16_000])
            await hearing.settle()
            await feed(hearing, SOUND[16_000:])
            assert (await hearing.settle()).text == TEXT
        assert len(first.ears) == 1
        assert np.array_equal(second.ears[0].sound, SOUND)

    async def test_two_questions_at_once(self) -> None:
        async with (
            chain(TroubledRecognizer(), TroubledRecognizer()) as ears,
            ears.listen(Caller("anybody"), "en") as hearing,
        ):
            await feed(hearing)
            answers = await asyncio.gather(hearing.settle(), hearing.settle())
        assert [answer.text for answer in answers] == [TEXT] * 2

    async def test_leaving_ends_it_for_whoever_still_asks(self) -> None:
        async with chain(TroubledRecognizer(settling=hangs)) as ears:
            async with ears.listen(Caller("anybody"), "en") as hearing:
                asking = asyncio.create_task(hearing.settle())
                await asyncio.sleep(0.01)
            with pytest.raises(EngineFailed, match="This turn is over"):
                await asking

    async def test_a_recording_for_which_nobody_waits_takes_its_time(self) -> None:
        async def slowly() -> None:
            await asyncio.sleep(30)

        async with chain(TroubledRecognizer(settling=slowly), TroubledRecognizer("x")) as ears:
            assert (await heard(ears, Caller("upload", patient=True))).text == TEXT

    async def test_each_engine_has_notes_of_its_own(self) -> None:
        caller = Caller("anybody")
        async with chain(TroubledRecognizer(), TroubledRecognizer()) as ears:
            await heard(ears, caller)
        assert NOTE not in caller.notes


class TestLanguages:
    async def test_are_those_of_all(self) -> None:
        german = TroubledRecognizer()
        german.languages = ("de", "en")
        async with chain(TroubledRecognizer(), german) as ears:
            assert ears.languages == ("en", "de")

    async def test_only_those_hear_a_turn_who_understand_it(self) -> None:
        german = TroubledRecognizer("eins zwei drei", settling=BROKEN)
        german.languages = ("de",)
        english = TroubledRecognizer()
        async with chain(german, english) as ears, ears.listen(Caller("a"), "de-AT") as hearing:
            await feed(hearing)
            with pytest.raises(EngineFailed, match="The line was cut"):
                await hearing.settle()
        assert english.ears == []
