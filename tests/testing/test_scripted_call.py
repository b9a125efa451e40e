"""A scripted call: a whole call on a virtual clock, with engines that know their lines."""

from __future__ import annotations

import pytest

from repartee.conversation import Conversation, Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.told import ReplyCompleted, ReplyInterrupted, ReplyStarted, UserFinal
from repartee.testing.scripted_call import ScriptedCall, answers, hears

ONE_QUESTION = [(1.0, ev.SpeechStarted(1.0)), (2.0, ev.SpeechPaused(2.0))]


def test_a_question_is_heard_answered_and_remembered() -> None:
    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    steps = call.play(ONE_QUESTION)
    assert [(now, type(step).__name__) for now, step in steps] == [
        (1.0, "Listen"),
        (2.0, "Finalise"),
        (2.05, "Think"),
        (2.25, "StopListening"),
        (2.25, "Tell"),
        (2.25, "Tell"),
        (2.25, "Play"),
        (2.25, "Tell"),
        (2.25, "Tell"),
        (pytest.approx(3.1), "Remember"),
        (pytest.approx(3.1), "Tell"),
    ]
    assert call.told(UserFinal) == [(2.25, UserFinal("what time is it", 0.9, 250))]
    assert [what.text for _, what in call.told(ReplyCompleted)] == ["It is noon."]
    assert call.conversation.deadline is None


def test_an_interrupt_cuts_the_answer_where_it_was_heard() -> None:
    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    call.play([*ONE_QUESTION, (2.9, ev.InterruptRequested())])
    assert call.told(ReplyInterrupted) == [(2.9, ReplyInterrupted(1, "spoken", "It is"))]
    assert call.told(ReplyCompleted) == []


def test_finals_and_answers_come_in_their_order_and_the_last_one_stays() -> None:
    call = ScriptedCall(hears("one", "stop"), answers("First.", "Second."))
    script = [
        (start + at, type(event)(start + at))
        for start in (0.0, 10.0, 20.0)
        for at, event in ONE_QUESTION
    ]
    call.play(script)
    assert [what.text for _, what in call.told(UserFinal)] == ["one", "stop", "stop"]
    assert [what.text for _, what in call.told(ReplyCompleted)] == ["First.", "Second.", "Second."]


def test_what_is_said_without_thought_is_spoken_too() -> None:
    call = ScriptedCall(hears(""), answers("Never."))
    call.play(ONE_QUESTION)
    ((_, completed),) = call.told(ReplyCompleted)
    assert completed.text == "I'm sorry, I didn't catch that. Could you please repeat?"


def test_a_call_can_be_played_up_to_a_moment_and_then_on() -> None:
    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    call.play(ONE_QUESTION, until=2.2)
    assert call.told(ReplyStarted) == []
    call.play([], until=2.3)
    assert call.told(ReplyStarted) == [(2.25, ReplyStarted(1, "spoken"))]


def test_a_model_that_says_nothing_is_noticed_at_its_deadline() -> None:
    call = ScriptedCall(hears("what time is it"), rules=Rules(reply_within_ms=3_000))
    call.play(ONE_QUESTION, until=6.0)
    says = [(now, step) for now, step in call.steps if isinstance(step, do.Say)]
    assert [now for now, _ in says] == [pytest.approx(5.05)]


def test_a_reaction_is_any_function_of_a_command() -> None:
    def breaks(command: do.Command) -> list[tuple[float, ev.Event]]:
        if isinstance(command, do.Listen):
            return [(0.1, ev.EngineFailed("hearing", "It broke.", turn=command.turn))]
        return []

    call = ScriptedCall(breaks)
    call.play(ONE_QUESTION, until=2.0)
    assert any(isinstance(step, do.Say) for _, step in call.steps)


def test_the_journal_leads_to_the_same_commands_again() -> None:
    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    call.play(ONE_QUESTION)
    again = Conversation(Rules())
    steps = [(now, step) for now, event in call.journal for step in again.handle(event, now)]
    assert steps == call.steps
