"""Whoever is called speaks first: a reply of its own, which can be cut off like any other."""

from __future__ import annotations

from repartee.conversation import Rules
from repartee.conversation.events import (
    AllSent,
    FinalHeard,
    Greeted,
    Instructed,
    InterruptRequested,
    MemoryCleared,
    PartialHeard,
    PlaybackEnded,
    Played,
    ReplyText,
    ReplyWritten,
    SpeechStarted,
    TurnClosed,
    TurnOpened,
    Typed,
)
from tests.conversation.table import Call, speaking, thinking_ahead

GREETING = "Welcome on board. Where shall we fly today?"


def greeting(rules: Rules | None = None) -> Call:
    """At 1.20 all of the greeting is written, and nothing of it is heard."""
    call = Call(rules)
    call.at(1.00, Greeted(GREETING), f"Say 1: {GREETING}", "started 1", "Play 1")
    call.at(1.10, ReplyText(1, GREETING), f"piece 1: {GREETING}")
    call.at(1.20, ReplyWritten(1))
    return call


def prompt_of(call: Call, question: str) -> str:
    call.happens(9.0, Typed(question))
    return call.thought.messages[0].content


class TestItIsSaid:
    def test_without_asking_the_model_and_kept_as_a_turn_without_a_question(self) -> None:
        call = greeting()
        call.at(
            4.00, PlaybackEnded(1), f"Remember 1 complete: {GREETING}", f"completed 1: {GREETING}"
        )
        assert (call.record.user_text, call.record.assistant_text) == ("", GREETING)

    def test_and_complete_when_it_is_sent_where_replies_are_sent_at_once(self) -> None:
        call = greeting(Rules(sent_at_once=True))
        call.at(1.30, AllSent(1), f"Remember 1 complete: {GREETING}", f"completed 1: {GREETING}")

    def test_not_while_somebody_speaks(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(0.9), "Listen 1")
        call.at(1.1, Greeted(GREETING))

    def test_not_while_somebody_is_answered(self) -> None:
        speaking().at(3.1, Greeted(GREETING))

    def test_not_if_it_is_empty(self) -> None:
        Call().at(1.0, Greeted("  "))


class TestItIsCutOff:
    def test_by_words(self) -> None:
        call = greeting()
        call.at(2.00, Played(1, 500, "Welcome on"))
        call.at(2.00, SpeechStarted(1.9), "Listen 1", "Duck 1")
        call.at(
            2.30,
            PartialHeard(1, "take me to paris"),
            "Hush 1",
            "Remember 1 interrupted: Welcome on",
            "interrupted 1: Welcome on",
            "partial: take me to paris",
            "Prime: take me to",
        )

    def test_by_a_button(self) -> None:
        call = greeting()
        call.happens(2.00, Played(1, 500, "Welcome on"))
        assert "Hush 1" in call.happens(2.00, TurnOpened())

    def test_by_an_interrupt(self) -> None:
        call = greeting()
        assert call.happens(2.00, InterruptRequested())[0] == "Hush 1"


class TestItIsRemembered:
    def test_in_the_prompt_so_that_the_user_has_the_first_word_for_the_model(self) -> None:
        call = greeting()
        call.happens(4.00, PlaybackEnded(1))
        assert prompt_of(call, "Paris").endswith(
            f'You have begun the conversation by saying: "{GREETING}"'
        )
        assert [message.role for message in call.thought.messages] == ["system", "user"]

    def test_as_far_as_it_was_heard(self) -> None:
        call = greeting()
        call.happens(2.00, Played(1, 500, "Welcome on"))
        call.happens(2.00, InterruptRequested())
        assert 'saying: "Welcome on"' in prompt_of(call, "Paris")

    def test_not_at_all_if_nothing_of_it_was_heard(self) -> None:
        call = greeting()
        call.happens(1.30, InterruptRequested())
        assert "saying" not in prompt_of(call, "Paris")

    def test_until_all_is_forgotten(self) -> None:
        call = greeting()
        call.happens(4.00, PlaybackEnded(1))
        call.happens(5.00, MemoryCleared())
        assert "saying" not in prompt_of(call, "Paris")


class TestSomebodyElseTakesOver:
    """A reply that is prepared, and that nobody has heard of, knows too much or is not theirs."""

    ANSWERED = (
        "StopListening 1",
        "final: what time is it",
        "Think 2: what time is it",
        "started 2",
        "Play 2",
    )

    def test_what_was_thought_with_forgotten_words_is_thought_again(self) -> None:
        call = thinking_ahead()
        call.at(2.20, MemoryCleared(), "Drop 1")
        call.wakes(2.25, *self.ANSWERED)

    def test_what_another_one_thought_is_thought_again(self) -> None:
        call = thinking_ahead()
        call.at(2.20, Instructed("You are a pilot."), "Drop 1", "Prime")
        call.wakes(2.25, *self.ANSWERED)
        assert call.thought.messages[0].content.startswith("You are a pilot.")


def test_an_interrupt_after_the_button_was_let_go_takes_the_question_back() -> None:
    call = Call()
    call.at(1.00, TurnOpened(), "Listen 1")
    call.at(1.50, SpeechStarted(1.4))
    call.at(3.00, TurnClosed(2.98), "Finalise 1.1")
    call.at(3.05, InterruptRequested(), "StopListening 1", "interrupted 0: ")
    call.at(3.10, FinalHeard(1, 1, "what time is it", 0.9))
    call.quiet_from(3.2)
