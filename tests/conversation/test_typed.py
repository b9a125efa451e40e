"""Typed turns: answered at once, told when all is sent, and one at a time."""

from __future__ import annotations

from repartee.conversation import Rules
from repartee.conversation.events import (
    AllSent,
    EngineFailed,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
    Played,
    ReplyText,
    ReplyWritten,
    SpeechStarted,
    Typed,
)
from tests.conversation.table import ANSWER, QUESTION, Call, speaking, thinking_ahead, typed


class TestATypedTurn:
    def test_is_answered_at_once(self) -> None:
        call = typed()
        call.at(1.50, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(3.00, PlaybackEnded(1))
        call.quiet_from(60.0)
        assert call.memory == [("user", QUESTION), ("assistant", ANSWER)]

    def test_may_be_heard_to_its_end_before_it_is_known_to_be_sent(self) -> None:
        call = typed()
        call.at(3.00, PlaybackEnded(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")

    def test_is_not_empty(self) -> None:
        call = Call()
        for nothing in ("", "  \n"):
            call.at(1.0, Typed(nothing), "problem: empty_text")

    def test_has_an_end(self) -> None:
        call = Call(Rules(max_text_chars=10))
        call.at(1.0, Typed("12345678901"), "problem: text_too_long")
        call.at(1.0, Typed(" 1234567890 "), "Think 1: 1234567890", "started 1", "Play 1")


class TestASecondMessage:
    def test_interrupts_the_first(self) -> None:
        call = typed()
        call.at(2.00, Played(1, 750, "It is ten"))
        call.at(
            2.10,
            Typed("and in rome"),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
            "Think 2: and in rome",
            "started 2",
            "Play 2",
        )
        call.at(2.20, ReplyText(1, "late"))

    def test_leaves_a_first_alone_that_could_be_read_to_its_end(self) -> None:
        call = typed()
        call.at(1.50, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(2.00, Played(1, 750, "It is ten"))  # by the clock: nobody may be listening
        call.at(2.00, Typed("and in rome"), "Hush 1", "Think 2: and in rome", "started 2", "Play 2")
        assert call.memory == [("user", QUESTION), ("assistant", ANSWER), ("user", "and in rome")]

    def test_cuts_off_a_complete_one_whose_listener_is_known_to_be_hearing_it(self) -> None:
        call = typed()
        call.at(1.50, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(2.00, Played(1, 750, "It is ten", reported=True))
        call.at(
            2.00,
            Typed("and in rome"),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
            "Think 2: and in rome",
            "started 2",
            "Play 2",
        )
        said = [("user", QUESTION), ("assistant", "It is ten"), ("user", "and in rome")]
        assert call.memory == said

    def test_leaves_a_first_alone_whose_last_word_was_heard(self) -> None:
        call = typed()
        call.at(1.50, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(3.00, Played(1, 2_900, f" {ANSWER}", reported=True))
        call.at(3.00, Typed("and in rome"), "Hush 1", "Think 2: and in rome", "started 2", "Play 2")

    def test_ends_a_turn_that_is_being_spoken(self) -> None:
        call = thinking_ahead()
        call.at(
            2.20,
            Typed("never mind"),
            "StopListening 1",
            "Drop 1",
            "Think 2: never mind",
            "started 2",
            "Play 2",
        )
        assert call.memory == [("user", "never mind")]

    def test_shares_the_memory_of_what_was_spoken(self) -> None:
        call = speaking()
        call.at(4.0, PlaybackEnded(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(5.0, Typed("and in rome"), "Think 2: and in rome", "started 2", "Play 2")
        said = [(message.role, message.content) for message in call.thought.messages[1:]]
        assert said == [("user", QUESTION), ("assistant", ANSWER), ("user", "and in rome")]


class TestAfterCompletion:
    def complete(self) -> Call:
        call = typed()
        call.at(1.50, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(2.00, Played(1, 750, "It is ten"))
        return call

    def test_an_interrupt_amends_what_is_remembered(self) -> None:
        call = self.complete()
        call.at(
            2.10,
            InterruptRequested(),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
        )
        assert call.memory == [("user", QUESTION), ("assistant", "It is ten")]

    def test_a_voice_interrupts_it_as_any_other(self) -> None:
        call = self.complete()
        call.at(2.10, SpeechStarted(2.1), "Listen 1", "Duck 1")
        call.at(
            2.40,
            PartialHeard(1, "stop"),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
            "partial: stop",
        )

    def test_nothing_can_fail_any_more(self) -> None:
        call = self.complete()
        call.at(2.10, EngineFailed("speaking", "It broke.", reply=1))
        call.at(2.10, EngineFailed("thinking", "It broke.", reply=1))
        call.at(2.10, ReplyText(1, " More."))
        call.at(2.10, ReplyWritten(1))
        call.at(3.00, PlaybackEnded(1))
        call.quiet_from(60.0)
