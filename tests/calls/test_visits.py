"""A conversation whose client comes and goes: its turns, and what cuts them off."""

from __future__ import annotations

from asyncio import TaskGroup
from unittest.mock import patch

import anyio
import pytest

from repartee.calls import visits
from repartee.calls.clock import now
from repartee.calls.turn_places import TurnPlaces
from repartee.calls.visits import MOST_TURNS_WAITING, Phrase
from repartee.conversation import told
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineTimeout, Refused
from tests.calls.fakes import (
    FakeModel,
    TroubledRecognizer,
    TroubledVoice,
    raises,
    tokens,
    writes,
)
from tests.calls.line import Notebook, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import answer_to, open_to_visitors, order_of, said, spoken, typed

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."
SORRY = "I'm sorry, I didn't catch that. Could you please repeat?"


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestATurn:
    async def test_words_then_the_phrases_of_the_answer_then_its_end(self) -> None:
        engines = scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=FakeModel(ANSWER))
        async with open_to_visitors(engines) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answer = await answer_to(visitor, spoken(visitor))
        assert order_of(answer.parts, told.UserFinal, Phrase, told.ReplyCompleted) == [
            told.UserFinal,
            Phrase,
            told.ReplyCompleted,
        ]
        assert (answer.heard, answer.text, answer.spoken) == (QUESTION, ANSWER, ANSWER)
        last = answer.parts[-1]
        assert isinstance(last, told.Traced)
        assert last.event == "turn_complete"
        assert len(last.units) == len(answer.all(Phrase)) > 1

    async def test_the_first_phrase_comes_while_the_model_still_writes(self) -> None:
        model = FakeModel(writes("This is the first sentence of two.", lambda: anyio.sleep(9), "."))
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answer = await answer_to(visitor, spoken(visitor))
        assert answer.first_at(told.ReplyWritten) - answer.first_at(Phrase) > 8

    async def test_it_is_kept_before_it_is_told_complete(self) -> None:
        notebook = Notebook()
        async with open_to_visitors(notebook=notebook) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answer = await answer_to(visitor, typed("hello"))
            (turn,) = notebook.turns
        assert (turn.session_id, turn.status, turn.heard_text) == (
            visitor.id,
            "complete",
            answer.text,
        )

    async def test_a_turn_that_is_not_understood_is_answered_without_the_model(self) -> None:
        model = FakeModel(ANSWER)
        engines = scripted(stt=ScriptedRecognizer(confidence=0.1), llm=model)
        async with open_to_visitors(engines) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answer = await answer_to(visitor, spoken(visitor))
        assert answer.text == SORRY
        assert model.asked == []

    async def test_a_slow_recogniser_gets_a_minute(self) -> None:
        engines = scripted(stt=ScriptedRecognizer(transcripts=[QUESTION], settle_ms=30_000))
        async with open_to_visitors(engines) as visitors:
            visitor = await visitors.enter("ada", "upload")
            assert (await answer_to(visitor, spoken(visitor))).heard == QUESTION


class TestANewQuestionCutsOffTheLastAnswer:
    async def test_while_it_is_spoken(self) -> None:
        model = FakeModel(lambda: tokens("Over and over. " * 500), ANSWER)
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answers = {}

            async def ask(name: str) -> None:
                answers[name] = await answer_to(visitor, typed(name))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask, "first")
                await anyio.sleep(1)
                tasks.start_soon(ask, "second")
        assert answers["first"].was_cut_off
        assert answers["second"].text == ANSWER
        assert model.left == 2

    async def test_before_it_began(self) -> None:
        """Its words are being settled: nothing of them leaks into the answer that follows."""
        stt = ScriptedRecognizer(transcripts=["First.", "Second."], settle_ms=3_000)
        async with open_to_visitors(scripted(stt=stt)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answers = {}

            async def ask(name: str) -> None:
                answers[name] = await answer_to(visitor, spoken(visitor))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask, "first")
                await anyio.sleep(1)
                tasks.start_soon(ask, "second")
        assert answers["first"].was_cut_off
        assert answers["first"].all(told.UserFinal) == []
        assert len(answers["second"].all(told.UserFinal)) == 1
        assert answers["second"].all(told.ReplyInterrupted) == []
        assert answers["second"].text.startswith("You said:")

    async def test_the_newest_of_many_wins(self) -> None:
        model = FakeModel(lambda: tokens("Over and over. " * 500), ANSWER)
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            answers = {}

            async def ask(number: int) -> None:
                answers[number] = await answer_to(visitor, typed(f"question {number}"))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask, 0)
                await anyio.sleep(1)
                for number in (1, 2, 3):
                    tasks.start_soon(ask, number)
        assert [answers[number].was_cut_off for number in range(4)] == [True, True, True, False]
        assert answers[3].text == ANSWER

    @pytest.mark.parametrize("patiently", [False, True])
    async def test_in_the_very_moment_in_which_the_last_finds_its_place(
        self, patiently: bool
    ) -> None:
        model, places = FakeModel(ANSWER), TurnPlaces(1)
        async with open_to_visitors(scripted(llm=model), places=places) as visitors:
            visitor = await visitors.enter("ada", "upload")
            taken = await places.take()
            async with TaskGroup() as tasks:
                first = tasks.create_task(answer_to(visitor, typed("first"), patiently=patiently))
                await anyio.sleep(1)
                second = tasks.create_task(answer_to(visitor, typed("second")))
                taken.leave()
            assert first.result().was_cut_off
            assert second.result().text == ANSWER
            assert [asked[-1].content for asked in model.asked] == ["second"]
            assert repr(places) == "<TurnPlaces, 1 free, 0 turns wait>"

    async def test_unless_it_is_asked_patiently(self) -> None:
        model = FakeModel("One.", "Two.", "Three.")
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "messages")
            texts: list[str] = []

            async def ask(number: int) -> None:
                answer = await answer_to(visitor, typed(f"{number}"), patiently=True)
                texts.append(answer.text)

            async with anyio.create_task_group() as tasks:
                for number in range(3):
                    tasks.start_soon(ask, number)
        assert texts == ["One.", "Two.", "Three."]

    async def test_but_only_so_many_wait_for_that(self) -> None:
        model = FakeModel(lambda: tokens("Slowly. " * 20, every_seconds=0.2))
        async with open_to_visitors(scripted(llm=model)) as visitors, TaskGroup() as tasks:
            visitor = await visitors.enter("ada", "messages")
            for number in range(1 + MOST_TURNS_WAITING):
                asking = answer_to(visitor, typed(f"{number}"), patiently=True)
                tasks.create_task(asking)
            await anyio.sleep(0.1)
            with pytest.raises(Refused, match="Too many messages of this conversation wait"):
                await answer_to(visitor, typed("one more"), patiently=True)
        assert len(model.asked) == 1 + MOST_TURNS_WAITING


class TestLeaving:
    async def test_it_stops_the_model_and_the_voice(self) -> None:
        model = ScriptedResponder(replies=["Over and over it goes. " * 100], token_ms=50)
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            await answer_to(visitor, typed("hello"), until=Phrase)
            await anyio.sleep(0.001)
            assert model.outcomes == {"aborted": 1}
            assert not visitor.busy

    @pytest.mark.parametrize("seconds", [0.001, 0.5, 1.5, 2.5, 4.0, 6.0])
    async def test_whenever_it_happens_the_next_answer_is_whole(self, seconds: float) -> None:
        stt = ScriptedRecognizer(transcripts=["First.", "Second."], settle_ms=1_000)
        tts = ScriptedSynthesizer(first_piece_ms=1_000)
        llm = ScriptedResponder(replies=[ANSWER], first_token_ms=1_000, token_ms=100)
        async with open_to_visitors(scripted(stt=stt, llm=llm, tts=tts)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            with anyio.move_on_after(seconds):
                await answer_to(visitor, spoken(visitor))
            answer = await answer_to(visitor, spoken(visitor))
        assert (answer.text, answer.spoken) == (ANSWER, ANSWER)
        assert answer.all(told.ReplyInterrupted) == []

    async def test_what_is_left_while_it_waits_its_turn_harms_nobody(self) -> None:
        model = FakeModel(lambda: tokens("Slowly. " * 20, every_seconds=0.2))
        async with open_to_visitors(scripted(llm=model)) as visitors:
            visitor = await visitors.enter("ada", "messages")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(answer_to, visitor, typed("first"))
                await anyio.sleep(0.5)
                with anyio.move_on_after(0.5):
                    await answer_to(visitor, typed("second"), patiently=True)
            assert not visitor.busy
            assert len(model.asked) == 1


class TestTrouble:
    async def test_a_recogniser_that_fails_is_told_and_the_next_turn_works(self) -> None:
        broken = raises(RuntimeError("no ears"))
        engines = scripted(stt=TroubledRecognizer("settling", broken, QUESTION))
        async with open_to_visitors(engines) as visitors:
            visitor = await visitors.enter("ada", "upload")
            first = await answer_to(visitor, spoken(visitor))
            second = await answer_to(visitor, spoken(visitor))
        assert [problem.code for problem in first.all(told.Problem)] == ["hearing_failed"]
        assert (second.heard, second.all(told.Problem)) == (QUESTION, [])

    async def test_a_model_that_fails_is_told_and_apologised_for(self) -> None:
        model = FakeModel(writes("Well,", raises(RuntimeError("no thoughts"))))
        async with open_to_visitors(scripted(llm=model)) as visitors:
            answer = await answer_to(await visitors.enter("ada", "upload"), typed("hello"))
        assert [problem.code for problem in answer.all(told.Problem)] == ["thinking_failed"]
        assert answer.text == "I'm sorry, I lost my train of thought. Please ask me again."

    async def test_a_voice_that_fails_leaves_the_words(self) -> None:
        engines = scripted(llm=FakeModel(ANSWER), tts=TroubledVoice(raises(RuntimeError("hoarse"))))
        async with open_to_visitors(engines) as visitors:
            answer = await answer_to(await visitors.enter("ada", "upload"), typed("hello"))
        assert [problem.code for problem in answer.all(told.Problem)] == ["speaking_failed"]
        assert answer.all(told.ReplyCompleted)

    async def test_when_nothing_comes_for_long_it_ends_with_a_sentence(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            with pytest.raises(EngineTimeout, match="took too long"):
                await answer_to(visitor, lambda call: None)

    async def test_a_client_that_takes_nothing_is_given_up(self) -> None:
        model = FakeModel("word " * 1_000)
        with patch.object(visits, "_size_of", lambda part: 1 << 20):
            async with open_to_visitors(scripted(llm=model)) as visitors:
                visitor = await visitors.enter("ada", "upload")
                parts = visitor.ask(typed("hello"))
                await anext(parts)
                await anyio.sleep(60)
                with pytest.raises(Refused, match="taken too slowly"):
                    async for _ in parts:
                        pass


async def test_a_turn_takes_no_longer_than_it_must() -> None:
    """From the question to the last phrase nothing waits for the playback."""
    llm = ScriptedResponder(replies=[ANSWER], first_token_ms=100)
    async with open_to_visitors(scripted(llm=llm)) as visitors:
        visitor = await visitors.enter("ada", "upload")
        began = now()
        await answer_to(visitor, spoken(visitor, said(5_000)))
        assert now() - began < 0.2
