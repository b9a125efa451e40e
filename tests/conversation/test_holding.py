"""Nobody is left in silence: a caller whose answer is late is asked to wait, once."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.events import (
    AllSent,
    FinalHeard,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
    Played,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
    TimePassed,
    Typed,
    Voiced,
)
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import (
    LOW_CONFIDENCE_SENTENCE,
    THINKING_FAILED_SENTENCE,
)
from tests.conversation.table import ANSWER, QUESTION, Call, thinking_ahead

HOLDING_SENTENCE = holding_sentence("en")
WAITS = Rules(hold_after_ms=1_700)
COMMITTED = ("StopListening 1", f"final: {QUESTION}", "started 1", "Play 1")
SAID_FIRST = f"SayFirst 1: {HOLDING_SENTENCE}"
OVER = f"completed 1: {HOLDING_SENTENCE}"


def answered_late(rules: Rules = WAITS) -> Call:
    """At 2.25 the turn is over, and nothing of the answer is there."""
    call = thinking_ahead(rules)
    call.wakes(2.25, *COMMITTED)
    return call


def asked_to_wait(rules: Rules = WAITS) -> Call:
    """At 3.95 the caller is asked to wait."""
    call = answered_late(rules)
    call.wakes(3.95, SAID_FIRST)
    return call


class TestTheAnswerIsLate:
    def test_and_the_caller_is_asked_to_wait_until_it_comes(self) -> None:
        call = asked_to_wait()
        call.at(5.0, ReplyText(1, ANSWER), f"piece 1: {ANSWER}")
        call.at(5.1, ReplyWritten(1))
        call.at(5.2, Voiced(1))
        call.at(9.0, PlaybackEnded(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        assert call.memory == [("user", QUESTION), ("assistant", ANSWER)]

    def test_for_as_long_as_ever_and_then_the_apology_comes(self) -> None:
        call = asked_to_wait()
        call.wakes(
            17.15,
            "Hush 1",
            "Remember 1 failed: ",
            "problem: thinking_failed",
            f"Say 2: {THINKING_FAILED_SENTENCE}",
            "started 2",
            "Play 2",
        )
        assert call.conversation.deadline == pytest.approx(32.15)  # of the apology, not before

    def test_though_it_is_written_and_only_its_sound_is_missing(self) -> None:
        call = answered_late()
        call.at(2.5, ReplyText(1, ANSWER), f"piece 1: {ANSWER}")
        call.at(2.6, ReplyWritten(1))
        call.wakes(3.95, SAID_FIRST)
        call.quiet_from(60.0)

    def test_to_something_typed(self) -> None:
        call = Call(WAITS)
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.wakes(2.7, SAID_FIRST)

    def test_in_a_language_of_our_own_and_by_a_rule_that_is_off_unless_it_is_set(self) -> None:
        call = answered_late(Rules())
        assert call.conversation.deadline == 2.15 + 15

    def test_and_the_wait_for_the_words_counts_too(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.at(3.00, FinalHeard(1, 1, QUESTION, 0.9), *_answering())
        call.wakes(3.95, SAID_FIRST)

    def test_but_an_engine_that_is_well_has_its_time(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.at(3.75, FinalHeard(1, 1, QUESTION, 0.9), *_answering())
        call.wakes(4.25, SAID_FIRST)

    def test_after_words_that_ask_for_more_the_silence_begins_later(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.15, FinalHeard(1, 1, "well and", 0.9), "Think 1: well and")
        call.wakes(3.2, "StopListening 1", "final: well and", "started 1", "Play 1")
        call.wakes(4.9, SAID_FIRST)


class TestNobodyIsAskedToWait:
    def test_for_sound_that_is_there(self) -> None:
        call = answered_late()
        call.at(3.9, Voiced(1))
        call.at(3.95, TimePassed())

    def test_for_sound_that_was_there_before_it_was_wanted(self) -> None:
        call = thinking_ahead(WAITS)
        call.at(2.20, Voiced(1))
        call.wakes(2.25, *COMMITTED)
        call.at(3.95, TimePassed())

    def test_twice(self) -> None:
        call = asked_to_wait()
        call.at(6.0, TimePassed())
        assert call.conversation.deadline == 17.15

    def test_for_an_answer_that_is_complete_without_a_sound(self) -> None:
        call = Call(WAITS)
        call.happens(1.0, Typed(QUESTION))
        call.happens(1.1, ReplyText(1, "🙂"))
        call.happens(1.1, ReplyWritten(1))
        call.happens(1.2, AllSent(1))
        call.quiet_from(60.0)

    @pytest.mark.parametrize(("text", "confidence"), [("", 0.0), ("hum", 0.1)])
    def test_for_a_sentence_of_our_own(self, text: str, confidence: float) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.15, FinalHeard(1, 1, text, confidence))
        call.wakes(
            2.5,
            "StopListening 1",
            f"final: {text}",
            f"Say 1: {LOW_CONFIDENCE_SENTENCE}",
            "started 1",
            "Play 1",
        )
        assert call.conversation.deadline == 17.5

    def test_while_they_speak(self) -> None:
        call = answered_late()
        call.at(3.0, SpeechStarted(2.9), "Listen 2", "Duck 1")
        call.at(3.2, SpeechPaused(3.1), "Finalise 2.1")
        call.at(3.95, TimePassed())
        call.at(4.0, FinalHeard(2, 1, "", 0.0), "StopListening 2", "Restore 1")
        call.wakes(3.95, SAID_FIRST)  # it was a cough, and it is silent still

    def test_in_the_midst_of_what_they_say(self) -> None:
        """A turn that is as long as it may be is answered; the speaker has not finished."""
        call = Call(Rules(hold_after_ms=1_700, max_turn_ms=1_000))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.wakes(2.0, "Finalise 1.1")
        assert call.conversation.deadline == 10.0
        call.at(2.1, FinalHeard(1, 1, QUESTION, 0.9), *_answering())
        assert call.conversation.deadline == 17.1


class TestTheCallerDoesNotWait:
    def test_and_barges_in_as_ever(self) -> None:
        call = asked_to_wait()
        call.at(4.2, Played(1, 250, ""))
        call.at(4.2, SpeechStarted(4.1), "Listen 2", "Duck 1")
        call.at(
            4.6,
            PartialHeard(2, "no never mind"),
            "Hush 1",
            "Remember 1 interrupted: ",
            "interrupted 1: ",
            "partial: no never mind",
        )
        assert call.memory == [("user", QUESTION)]

    def test_but_does_not_barge_in_by_an_echo_of_it(self) -> None:
        call = asked_to_wait()
        call.at(4.2, SpeechStarted(4.1), "Listen 2", "Duck 1")
        call.at(4.6, PartialHeard(2, "sorry one moment please"))
        call.at(4.7, SpeechPaused(4.6), "Finalise 2.1")
        call.at(
            4.8,
            FinalHeard(2, 1, "i'm sorry one moment please", 0.9),
            "StopListening 2",
            "Restore 1",
        )

    def test_and_what_was_heard_of_the_answer_is_only_the_answer(self) -> None:
        call = asked_to_wait()
        call.happens(5.0, ReplyText(1, ANSWER))
        call.happens(5.1, ReplyWritten(1))
        call.happens(5.2, Voiced(1))
        call.at(6.5, Played(1, 2_500, "It is ten"))
        call.happens(6.5, InterruptRequested())
        assert call.record.heard_text == "It is ten"
        assert call.memory == [("user", QUESTION), ("assistant", "It is ten")]


@pytest.mark.parametrize("wrong", [-1, 1, 499, 10_001])
def test_it_is_off_or_has_sane_bounds(wrong: int) -> None:
    with pytest.raises(ValueError, match="hold_after_ms must be"):
        Rules(hold_after_ms=wrong)


def _answering(reply: int = 1) -> tuple[str, ...]:
    return (
        "StopListening 1",
        f"final: {QUESTION}",
        f"Think {reply}: {QUESTION}",
        f"started {reply}",
        f"Play {reply}",
    )
