"""Models that stand in for one another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.llm.scripted import NOTE, ScriptedResponder
from repartee.engines.protocols import Caller, Message, Responder, Sampling
from repartee.errors import (
    BadInput,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    RequestDeclined,
    RequestRefused,
)
from tests.calls.fakes import FakeModel, hangs, raises, writes
from tests.engines.chain.watching import Clock, nothing_left_behind, switches_told

pytestmark = pytest.mark.anyio

RULES = ChainRules(deadline_s=1.0, breaker=BreakerRules(failures=2, rest_s=10))
QUESTION = (Message("user", "Why?"),)


def says(text: str, name: str = "", **script: float) -> ScriptedResponder:
    model = ScriptedResponder(replies=(text,), **script)  # type: ignore[arg-type]
    model.name = name or text.split()[0].lower()
    return model


@asynccontextmanager
async def chain(*models: Responder, rules: ChainRules = RULES) -> AsyncIterator[ResponderChain]:
    whole = ResponderChain(models, rules)
    async with nothing_left_behind():
        await whole.open()
        yield whole
        await whole.close()


async def reply(of: Responder, caller: Caller | None = None) -> str:
    pieces = of.respond(caller or Caller("anybody"), QUESTION, Sampling())
    return "".join([piece async for piece in pieces])


class TestFallingOver:
    async def test_the_first_that_works_answers(self) -> None:
        second = says("Second.")
        async with chain(says("First."), second) as models:
            assert await reply(models) == "First."
        assert not second.outcomes

    async def test_on_failure_the_next_one_does_and_it_is_told_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with switches_told() as told, caplog.at_level(logging.INFO):
            async with chain(says("First.", fail_after_tokens=0), says("Second.")) as models:
                assert await reply(models) == "Second."
        assert told == [("first.", "second.")]
        assert caplog.text.count("goes on for") == 1

    async def test_on_a_missed_deadline_too(self) -> None:
        slow = says("First.", first_token_ms=5_000)
        async with chain(slow, says("Second.")) as models:
            clock = Clock()
            assert await reply(models) == "Second."
            assert clock.ms == 1_000
        assert slow.outcomes["aborted"] == 1

    async def test_the_last_has_all_the_time_it_needs(self) -> None:
        async with chain(says("First.", first_token_ms=5_000)) as models:
            assert await reply(models) == "First."

    async def test_an_empty_answer_is_none(self) -> None:
        async with chain(says("", "empty"), says("Second.")) as models:
            assert await reply(models) == "Second."

    async def test_a_bug_is_a_failure_like_any_other(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        buggy = FakeModel(writes("", raises(ZeroDivisionError("secret/path"))))
        async with chain(buggy, says("Second.")) as models:
            assert await reply(models) == "Second."
        assert "secret/path" in caplog.text
        assert "The fake engine broke." in caplog.text

    async def test_if_all_fail_the_last_failure_is_told(self) -> None:
        async with chain(says("First.", fail_after_tokens=0), says("", "empty")) as models:
            with pytest.raises(EngineNonsense):
                await reply(models)

    async def test_what_the_caller_got_wrong_is_nobodys_failure(self) -> None:
        async def refuse() -> None:
            raise BadInput("That makes no sense.")

        async with chain(FakeModel(writes("", refuse)), says("Second.")) as models:
            with pytest.raises(BadInput):
                await reply(models)
            assert models.report().serving == "fake"

    async def test_a_reply_that_breaks_off_is_not_begun_anew(self) -> None:
        first = says("First of all this.", fail_after_tokens=2)
        async with chain(first, says("Second.")) as models:
            words = models.respond(Caller("anybody"), QUESTION, Sampling())
            assert [await anext(words), await anext(words)] == ["First", " of"]
            with pytest.raises(EngineFailed):
                await anext(words)

    async def test_one_that_falls_silent_in_its_midst_breaks_off(self) -> None:
        async with chain(FakeModel(writes("First of", hangs)), says("Second.")) as models:
            words = models.respond(Caller("anybody"), QUESTION, Sampling())
            assert [await anext(words), await anext(words)] == ["First ", "of "]
            clock = Clock()
            with pytest.raises(EngineTimeout, match="fell silent"):
                await anext(words)
            assert clock.ms == 1_000

    async def test_but_not_while_nobody_stands_by(self) -> None:
        slow = FakeModel(writes("First of", lambda: asyncio.sleep(9), "all."))
        async with chain(slow) as models:
            assert await reply(models) == "First of all."

    async def test_who_takes_the_words_slowly_is_no_fault_of_the_model(self) -> None:
        async with chain(says("First of all this."), says("Second.")) as models:
            words = models.respond(Caller("anybody"), QUESTION, Sampling())
            async for _ in words:
                await asyncio.sleep(9)
            assert models.figures().failures["first"] == 0


class TestWhatIsTheRequestsFault:
    async def test_what_is_too_long_for_one_may_not_be_for_the_next(self) -> None:
        strict = FakeModel(writes("", raises(RequestRefused("That is too long."))), "Fine again.")
        async with chain(strict, says("Second.")) as models:
            assert await reply(models) == "Second."
            assert await reply(models) == "Fine again. "

    @pytest.mark.parametrize("first_words", ["", "Well, I"])
    async def test_who_declines_is_not_got_round(self, first_words: str) -> None:
        declines = writes(first_words, raises(RequestDeclined("That is against the rules.")))
        strict, second = FakeModel(*[declines] * 3, "Gladly."), says("Second.")
        async with chain(strict, second) as models:
            for _ in range(3):
                with pytest.raises(RequestDeclined):
                    await reply(models)
            assert await reply(models) == "Gladly. ", "one caller takes it from nobody"
        assert not second.outcomes


class TestResting:
    async def test_to_begin_and_to_fall_silent_is_a_failure_each_time(self) -> None:
        first = FakeModel(writes("Well, I", hangs))
        async with chain(first, says("Second.")) as models:
            for _ in range(2):
                with pytest.raises(EngineTimeout):
                    await reply(models)
            clock = Clock()
            assert await reply(models) == "Second."
            assert clock.ms == 0

    async def test_who_fails_again_and_again_is_passed_over(self) -> None:
        slow = says("First.", first_token_ms=5_000)
        async with chain(slow, says("Second.")) as models:
            await reply(models)
            await reply(models)
            clock = Clock()
            assert await reply(models) == "Second."
            assert clock.ms == 0
            assert models.report().serving == "second."
            assert [member.state for member in models.report().members] == ["resting", "working"]
            assert models.report().members[0].why == "It did not answer within 1000 ms."

    async def test_and_comes_back_when_it_works_again(self) -> None:
        broken = writes("", raises(EngineFailed("It broke.")))
        first = FakeModel(broken, broken, "Back again.")
        with switches_told() as told:
            async with chain(first, says("Second.")) as models:
                await reply(models)
                await reply(models)
                await asyncio.sleep(10)
                assert await reply(models) == "Back again. "
                assert models.report().serving == "fake"
        assert told == [("fake", "second."), ("fake", "second."), ("second.", "fake")]

    async def test_a_probe_of_who_still_hangs_costs_half_a_deadline(self) -> None:
        async with chain(says("First.", first_token_ms=5_000), says("Second.")) as models:
            await reply(models)
            await reply(models)
            await asyncio.sleep(10)
            clock = Clock()
            assert await reply(models) == "Second."
            assert clock.ms == 500

    async def test_a_wrong_key_is_tried_once(self) -> None:
        first = FakeModel(writes("", raises(EngineLocked("The key is not accepted."))))
        async with chain(first, says("Second.")) as models:
            await reply(models)
            await reply(models)
        assert len(first.asked) == 1


class TestHedging:
    HEDGED = ChainRules(deadline_s=1.0, hedge=True)

    async def test_the_next_is_started_at_half_time_and_the_quicker_taken(self) -> None:
        slow = says("First.", first_token_ms=900)
        quick = says("Second.", first_token_ms=100)
        with switches_told() as told:
            async with chain(slow, quick, rules=self.HEDGED) as models:
                clock = Clock()
                assert await reply(models) == "Second."
                assert clock.ms == 600
        assert slow.outcomes["aborted"] == 1
        assert told == [("first.", "second.")]

    async def test_the_first_may_still_win(self) -> None:
        second = says("Second.", first_token_ms=500)
        with switches_told() as told:
            async with chain(
                says("First.", first_token_ms=700), second, rules=self.HEDGED
            ) as models:
                clock = Clock()
                assert await reply(models) == "First."
                assert clock.ms == 700
        assert second.outcomes["aborted"] == 1
        assert told == []


class TestCallers:
    async def test_leaving_stops_whoever_is_at_it(self) -> None:
        endless = says("word " * 100, token_ms=50)
        async with chain(endless, says("Second.")) as models:
            words = models.respond(Caller("anybody"), QUESTION, Sampling())
            await anext(words)
            clock = Clock()
            await words.aclose()
            assert clock.ms == 0
        assert endless.outcomes["aborted"] == 1

    async def test_leaving_before_the_first_word_is_nobodys_fault(self) -> None:
        slow = says("First.", first_token_ms=900)
        async with chain(slow, says("Second.")) as models:
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await reply(models)
            assert models.report().serving == "first."

    async def test_each_engine_has_notes_of_its_own_and_forgets_them(self) -> None:
        caller = Caller("anybody")
        async with chain(says("First.", fail_after_tokens=0), says("Second.")) as models:
            await reply(models, caller)
            assert NOTE not in caller.notes
            models.release(caller)
            assert caller.notes == {}

    async def test_only_who_would_answer_reads_ahead(self) -> None:
        first, second = says("First."), says("Second.")
        async with chain(first, second) as models:
            await models.prime(Caller("anybody"), QUESTION)
        assert (first.primed, second.primed) == (1, 0)

    async def test_many_at_once(self) -> None:
        async with chain(says("First.", fail_after_tokens=0), ScriptedResponder()) as models:
            answers = await asyncio.gather(*(reply(models) for _ in range(20)))
        assert set(answers) == {"You said: Why?"}
