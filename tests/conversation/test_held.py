"""A turn that is held by a button: over when it is let go, and not before."""

from __future__ import annotations

from repartee.conversation import Rules, told
from repartee.conversation import commands as do
from repartee.conversation.events import (
    AllSent,
    FinalHeard,
    PartialHeard,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
    TurnAbandoned,
    TurnClosed,
    TurnOpened,
)
from tests.conversation.table import ANSWER, QUESTION, Call, speaking

AT_ONCE = Rules(sent_at_once=True)
SORRY = "I'm sorry, I didn't catch that. Could you please repeat?"
ANSWERED = ("StopListening 1", f"final: {QUESTION}", "started 1", "Play 1")


def held(rules: Rules = AT_ONCE) -> Call:
    call = Call(rules)
    call.at(1.00, TurnOpened(), "Listen 1")
    call.at(1.50, SpeechStarted(1.4))
    return call


class TestItIsOver:
    def test_when_it_is_let_go_in_mid_speech(self) -> None:
        call = held()
        call.at(3.00, TurnClosed(2.98), "Finalise 1.1")
        call.at(
            3.10,
            FinalHeard(1, 1, QUESTION, 0.9),
            "StopListening 1",
            f"final: {QUESTION}",
            f"Think 1: {QUESTION}",
            "started 1",
            "Play 1",
        )

    def test_and_answered_at_once_when_its_words_were_known_in_a_pause_before(self) -> None:
        call = held()
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.at(2.70, ReplyText(1, ANSWER))
        call.at(3.00, TurnClosed(2.98), *ANSWERED, f"piece 1: {ANSWER}")

    def test_however_open_its_words_are(self) -> None:
        call = held()
        call.at(3.00, TurnClosed(3.0), "Finalise 1.1")
        call.at(
            3.10,
            FinalHeard(1, 1, "tell me about the", 0.9),
            "StopListening 1",
            "final: tell me about the",
            "Think 1: tell me about the",
            "started 1",
            "Play 1",
        )

    def test_once_only(self) -> None:
        call = held()
        call.at(3.00, TurnClosed(3.0), "Finalise 1.1")
        call.at(3.05, TurnClosed(3.0))

    def test_when_nobody_ever_lets_go(self) -> None:
        call = held(Rules(max_turn_ms=5_000))
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.wakes(6.00, *ANSWERED)
        call.at(9.00, TurnClosed(9.0))


class TestItIsNotOver:
    def test_however_long_the_silence(self) -> None:
        call = held()
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.at(9.00, SpeechStarted(8.9), "Drop 1")
        call.at(9.50, PartialHeard(1, "what"), "partial: what")
        assert call.memory == []


class TestAPressedButton:
    def test_silences_the_reply(self) -> None:
        call = speaking()
        call.at(
            3.10,
            TurnOpened(),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
            "Listen 2",
        )

    def test_a_second_time_begins_anew(self) -> None:
        call = held()
        call.at(2.00, TurnOpened(), "StopListening 1", "Listen 2")
        call.at(2.10, FinalHeard(1, 1, QUESTION, 0.9))

    def test_with_nothing_said_is_answered_all_the_same(self) -> None:
        call = Call(AT_ONCE)
        call.at(1.00, TurnOpened(), "Listen 1")
        call.at(1.10, TurnClosed(1.1), "Finalise 1.1")
        call.at(
            1.15,
            FinalHeard(1, 1, "", 0.0),
            "StopListening 1",
            "final: ",
            f"Say 1: {SORRY}",
            "started 1",
            "Play 1",
        )

    def test_with_a_hum_that_was_taken_for_a_word_is_answered_as_silence(self) -> None:
        call = Call(AT_ONCE)
        call.at(1.00, TurnOpened(), "Listen 1")
        call.at(3.00, TurnClosed(3.0), "Finalise 1.1")
        call.at(
            3.10,
            FinalHeard(1, 1, "up", 0.9),
            "StopListening 1",
            "final: ",
            f"Say 1: {SORRY}",
            "started 1",
            "Play 1",
        )


class TestARecordingThatBreaks:
    def test_leaves_no_trace(self) -> None:
        call = held()
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.at(2.80, TurnAbandoned(), "Drop 1", "StopListening 1")
        call.at(3.00, TurnClosed(3.0))
        call.quiet_from(9.0)
        assert call.memory == []


class TestAReplyThatIsSentAtOnce:
    def test_is_complete_when_all_of_it_has_left(self) -> None:
        call = held()
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.at(3.00, TurnClosed(2.98), *ANSWERED)
        call.at(3.10, ReplyText(1, ANSWER), f"piece 1: {ANSWER}")
        call.at(3.20, ReplyWritten(1))
        assert call.commands == [do.Tell(told.ReplyWritten(1, "spoken", ANSWER))]
        call.at(3.30, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")

    def test_that_was_written_before_it_was_committed_is_told_whole(self) -> None:
        call = held()
        call.at(2.50, SpeechPaused(2.4), "Finalise 1.1")
        call.at(2.60, FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
        call.at(2.70, ReplyText(1, ANSWER))
        call.at(2.80, ReplyWritten(1))
        call.at(3.00, TurnClosed(2.98), *ANSWERED, f"piece 1: {ANSWER}")
        assert call.commands[-1] == do.Tell(told.ReplyWritten(1, "spoken", ANSWER))


def test_the_latency_of_a_transcript_is_counted_from_the_end_of_speech() -> None:
    call = held()
    call.at(3.00, TurnClosed(2.98), "Finalise 1.1")
    call.happens(3.10, FinalHeard(1, 1, QUESTION, 0.9))
    assert do.Tell(told.UserFinal(QUESTION, 0.9, 120)) in call.commands
