"""Nobody is left in silence: a caller whose answer is late is asked to wait, once."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.events import (
    AllSent,
    ClientGone,
    EngineFailed,
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
    TurnClosed,
    TurnOpened,
    Typed,
    Voiced,
)
from repartee.conversation.rules import (
    HEARING_FAILED_SENTENCE,
    HOLDING_SENTENCE,
    LOW_CONFIDENCE_SENTENCE,
    THINKING_FAILED_SENTENCE,
)
from tests.conversation.table import ANSWER, QUESTION, Call, thinking_ahead

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


# ---------------------------------------------------------------- the ears


def spoken(rules: Rules = WAITS) -> Call:
    """At 2.10 the words of a turn are asked for."""
    call = Call(rules)
    call.at(1.00, SpeechStarted(0.9), "Listen 1")
    call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
    return call


def unheard(rules: Rules = WAITS) -> Call:
    """At 3.80 the caller is asked to wait for the ears, and hears that from 3.82 on."""
    call = spoken(rules)
    call.wakes(3.80, f"Say 1: {HOLDING_SENTENCE}", "started 1", "Play 1")
    call.at(3.81, ReplyText(1, HOLDING_SENTENCE), f"piece 1: {HOLDING_SENTENCE}")
    call.at(3.81, ReplyWritten(1))
    call.at(3.82, Voiced(1))
    return call


FAILED = (
    "StopListening 1",
    "problem: hearing_failed",
    f"Say 2: {HEARING_FAILED_SENTENCE}",
    "started 2",
    "Play 2",
)


class TestTheWordsAreLate:
    def test_and_their_answer_follows(self) -> None:
        call = unheard()
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(6.0, FinalHeard(1, 1, QUESTION, 0.9), *_answering(reply=2))
        assert call.memory == [("user", QUESTION)]

    def test_and_an_answer_thought_of_meanwhile_is_let_out_after_it(self) -> None:
        call = unheard()
        call.at(4.0, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.at(4.3, ReplyText(2, ANSWER))
        call.at(4.5, Voiced(2))
        call.at(
            5.4,
            PlaybackEnded(1),
            OVER,
            "StopListening 1",
            f"final: {QUESTION}",
            "started 2",
            "Play 2",
            f"piece 2: {ANSWER}",
        )

    def test_and_without_speculation_it_is_thought_of_then(self) -> None:
        call = unheard(Rules(hold_after_ms=1_700, speculate=False))
        call.at(4.0, FinalHeard(1, 1, QUESTION, 0.9))
        call.at(5.4, PlaybackEnded(1), OVER, *_answering(reply=2))

    def test_and_the_answer_does_not_wait_for_a_sentence_without_an_end(self) -> None:
        call = unheard()
        call.at(4.0, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.wakes(
            7.8,
            "Hush 1",
            "interrupted 1: ",
            "StopListening 1",
            f"final: {QUESTION}",
            "started 2",
            "Play 2",
        )

    def test_nor_for_one_that_no_voice_says(self) -> None:
        call = spoken()
        call.happens(3.80, TimePassed())
        call.at(
            4.0, FinalHeard(1, 1, QUESTION, 0.9), "Hush 1", "interrupted 1: ", *_answering(reply=2)
        )

    def test_and_never_come(self) -> None:
        call = unheard()
        call.at(5.4, PlaybackEnded(1), OVER)
        call.wakes(10.1, *FAILED)

    def test_and_the_ears_die_over_it(self) -> None:
        call = unheard()
        call.at(
            4.0, EngineFailed("hearing", "It broke.", turn=1), "Hush 1", "interrupted 1: ", *FAILED
        )

    def test_and_were_nothing(self) -> None:
        call = unheard()
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(
            6.0,
            FinalHeard(1, 1, "", 0.0),
            "StopListening 1",
            "final: ",
            f"Say 2: {LOW_CONFIDENCE_SENTENCE}",
            "started 2",
            "Play 2",
        )

    def test_and_so_is_the_answer_but_once_is_enough(self) -> None:
        call = unheard()
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(6.0, FinalHeard(1, 1, QUESTION, 0.9), *_answering(reply=2))
        assert call.conversation.deadline == 21.0

    def test_of_a_turn_held_by_a_button_from_when_it_is_let_go(self) -> None:
        call = Call(WAITS)
        call.at(1.00, TurnOpened(), "Listen 1")
        call.at(1.50, SpeechStarted(1.4))
        call.at(3.00, SpeechPaused(2.9), "Finalise 1.1")
        assert call.conversation.deadline == 11.0
        call.at(4.00, TurnClosed(3.95))
        call.wakes(5.65, f"Say 1: {HOLDING_SENTENCE}", "started 1", "Play 1")

    def test_longer_than_any_silence_in_a_sentence(self) -> None:
        call = spoken(Rules(hold_after_ms=500, wait_open_ms=3_000))
        call.wakes(5.0, f"Say 1: {HOLDING_SENTENCE}", "started 1", "Play 1")

    def test_and_the_voice_is_dead_too_and_the_text_still_goes_out(self) -> None:
        call = spoken()
        call.happens(3.80, TimePassed())
        call.happens(3.81, ReplyText(1, HOLDING_SENTENCE))
        call.at(4.0, EngineFailed("speaking", "There is no voice.", reply=1), "Hush 1", OVER)
        assert call.conversation.deadline == pytest.approx(10.1)


class TestTheEarsAreNotWaitedForAloud:
    def test_where_nothing_may_come_before_the_words(self) -> None:
        call = spoken(Rules(hold_after_ms=1_700, sent_at_once=True))
        call.wakes(10.1, "StopListening 1", "problem: hearing_failed", *_apologising(1))

    def test_where_it_may_have_been_nobody(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(1.10, SpeechPaused(1.05), "Finalise 1.1")
        assert call.conversation.deadline == pytest.approx(9.1)

    def test_where_it_may_have_been_an_echo(self) -> None:
        call = asked_to_wait()
        call.at(5.0, Voiced(1))
        call.at(5.2, SpeechStarted(5.1), "Listen 2", "Duck 1")
        call.at(5.6, SpeechPaused(5.5), "Finalise 2.1")
        assert call.conversation.deadline == pytest.approx(13.6)


class TestTheCallerGoesOn:
    def test_speaking_and_is_not_asked_to_wait_any_longer(self) -> None:
        call = unheard()
        call.at(4.0, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.at(4.2, SpeechStarted(4.1), "Drop 2", "Hush 1", "interrupted 1: ")
        call.at(5.0, SpeechPaused(4.9), "Finalise 1.2")
        assert call.conversation.deadline == 13.0  # nor once more
        call.at(5.1, FinalHeard(1, 2, QUESTION, 0.9), f"Think 3: {QUESTION}")

    def test_by_writing_instead(self) -> None:
        call = unheard()
        call.at(
            4.2,
            Typed("and in rome"),
            "StopListening 1",
            "Hush 1",
            "interrupted 1: ",
            "Think 2: and in rome",
            "started 2",
            "Play 2",
        )

    def test_without_an_answer(self) -> None:
        call = unheard()
        call.at(4.2, InterruptRequested(), "Hush 1", "interrupted 1: ", "StopListening 1")
        call.quiet_from(60.0)

    def test_holding_the_button_once_more(self) -> None:
        call = unheard()
        call.at(4.2, TurnOpened(), "StopListening 1", "Hush 1", "interrupted 1: ", "Listen 2")

    def test_and_hangs_up(self) -> None:
        unheard().at(4.2, ClientGone(), "Hush 1", "StopListening 1")


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


def _apologising(reply: int) -> tuple[str, ...]:
    return (f"Say {reply}: {HEARING_FAILED_SENTENCE}", f"started {reply}", f"Play {reply}")
