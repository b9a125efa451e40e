"""The words of a turn are late: the caller is asked to wait for the ears, and an answer follows."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.events import (
    ClientGone,
    EngineFailed,
    FinalHeard,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
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
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, LOW_CONFIDENCE_SENTENCE
from tests.conversation.table import ANSWER, QUESTION, Call, speaking

HOLDING_SENTENCE = holding_sentence("en")
WAITS = Rules(hold_after_ms=1_700)
OVER = f"completed 1: {HOLDING_SENTENCE}"


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
        call = speaking(WAITS)
        call.at(3.2, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(3.7, SpeechPaused(3.65), "Finalise 2.1")
        assert call.conversation.deadline == pytest.approx(11.7)

    def test_where_it_may_have_been_a_cough(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(1.40, SpeechPaused(1.3), "Finalise 1.1")
        assert call.conversation.deadline == pytest.approx(9.4)

    def test_unless_there_are_words_in_it(self) -> None:
        call = Call(WAITS)
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(1.20, PartialHeard(1, "stop"), "partial: stop")
        call.at(1.40, SpeechPaused(1.3), "Finalise 1.1", "Prime: stop")
        call.wakes(3.10, f"Say 1: {HOLDING_SENTENCE}", "started 1", "Play 1")

    def test_where_the_server_can_do_no_more_than_answer(self) -> None:
        call = spoken()
        call.at(3.8, TimePassed(at_limit=True))
        assert call.conversation.deadline == pytest.approx(10.1)

    def test_in_a_language_in_which_we_have_no_words_for_it(self) -> None:
        call = spoken(Rules(hold_after_ms=1_700, language="pl"))
        assert call.conversation.deadline == pytest.approx(10.1)


class TestTheCallerGoesOn:
    def test_speaking_before_it_is_to_be_heard_and_is_not_asked_any_longer(self) -> None:
        call = spoken()
        call.happens(3.80, TimePassed())
        call.at(4.2, SpeechStarted(4.1), "Hush 1", "interrupted 1: ")
        call.at(5.0, SpeechPaused(4.9), "Finalise 1.2")
        assert call.conversation.deadline == 13.0  # nor once more
        call.at(5.1, FinalHeard(1, 2, QUESTION, 0.9), f"Think 2: {QUESTION}")

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


def _answering(reply: int) -> tuple[str, ...]:
    return (
        "StopListening 1",
        f"final: {QUESTION}",
        f"Think {reply}: {QUESTION}",
        f"started {reply}",
        f"Play {reply}",
    )


def _apologising(reply: int) -> tuple[str, ...]:
    return (f"Say {reply}: {HEARING_FAILED_SENTENCE}", f"started {reply}", f"Play {reply}")
