"""The life of a turn, row by row."""

from __future__ import annotations

import math

from repartee.conversation import Rules
from repartee.conversation.events import (
    FinalHeard,
    PartialHeard,
    PlaybackEnded,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
)
from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from tests.conversation.table import ANSWER, QUESTION, Call, speaking, thinking_ahead

SORRY = "I'm sorry, I didn't catch that. Could you please repeat?"


class TestAReplyIsTentative:
    def test_until_the_silence_has_lasted(self) -> None:
        call = thinking_ahead()
        call.at(2.20, ReplyText(1, "It is "))
        call.at(2.22, ReplyText(1, "noon."))
        call.wakes(
            2.25,  # 250 ms after the voice ended at 2.00
            "StopListening 1",
            f"final: {QUESTION}",
            "started 1",
            "Play 1",
            "piece 1: It is noon.",
        )
        call.at(2.40, ReplyText(1, " Really."), "piece 1:  Really.")
        call.at(2.50, ReplyWritten(1))
        call.at(
            4.00,
            PlaybackEnded(1),
            "Remember 1 complete: It is noon. Really.",
            "completed 1: It is noon. Really.",
        )
        call.quiet_from(60.0)
        assert call.memory == [("user", QUESTION), ("assistant", "It is noon. Really.")]

    def test_and_dropped_without_a_trace_when_the_user_goes_on(self) -> None:
        call = thinking_ahead()
        call.at(2.20, ReplyText(1, "It is "))
        call.at(2.24, SpeechStarted(2.15), "Drop 1")
        call.at(2.26, ReplyText(1, "noon."))
        call.at(3.10, SpeechPaused(3.0), "Finalise 1.2")
        call.at(
            3.15,
            FinalHeard(1, 2, "what time is it in rome now", 0.9),
            "Think 2: what time is it in rome now",
        )
        assert call.memory == []

    def test_and_needs_no_words_yet_to_be_committed(self) -> None:
        call = thinking_ahead()
        call.wakes(2.25, "StopListening 1", f"final: {QUESTION}", "started 1", "Play 1")
        call.at(2.30, ReplyText(1, ANSWER), f"piece 1: {ANSWER}")

    def test_unless_thinking_ahead_is_switched_off(self) -> None:
        call = Call(Rules(speculate=False))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, FinalHeard(1, 1, QUESTION, 0.9))
        call.wakes(
            2.25,
            "StopListening 1",
            f"final: {QUESTION}",
            f"Think 1: {QUESTION}",
            "started 1",
            "Play 1",
        )

    def test_and_answers_at_once_when_the_final_comes_late(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(
            2.9,
            FinalHeard(1, 1, QUESTION, 0.9),
            "StopListening 1",
            f"final: {QUESTION}",
            f"Think 1: {QUESTION}",
            "started 1",
            "Play 1",
        )


class TestTheWaitDependsOnWhatWasSaid:
    def test_open_words_wait_long(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, FinalHeard(1, 1, "tell me about the", 0.9), "Think 1: tell me about the")
        call.at(3.1, SpeechStarted(3.1), "Drop 1")

    def test_the_final_of_an_earlier_pause_is_late(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, SpeechStarted(2.1))
        call.at(2.2, FinalHeard(1, 1, QUESTION, 0.9))
        call.at(2.5, SpeechPaused(2.5), "Finalise 1.2")
        call.at(2.6, FinalHeard(1, 1, QUESTION, 0.9))
        call.at(2.7, FinalHeard(1, 2, "stop", 0.9), "Think 1: stop")

    def test_a_final_counts_once(self) -> None:
        call = thinking_ahead()
        call.at(2.16, FinalHeard(1, 1, "something else", 0.2))
        call.wakes(2.25, "StopListening 1", f"final: {QUESTION}", "started 1", "Play 1")


class TestPartialWords:
    def test_are_told_and_let_the_model_read_ahead(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(1.2, PartialHeard(1, "what"), "partial: what")
        call.at(1.4, PartialHeard(1, "what time is"), "partial: what time is")
        call.at(
            1.6,  # the last word is often still wrong: three are known, and the model reads them
            PartialHeard(1, "what time is it"),
            "partial: what time is it",
            "Prime: what time is",
        )
        call.at(1.7, PartialHeard(1, "what time is it in"), "partial: what time is it in")
        call.at(
            2.0,
            PartialHeard(1, "what time is it in rome now"),
            "partial: what time is it in rome now",
            "Prime: what time is it in rome",
        )

    def test_that_say_nothing_new_are_not_told(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(1.2, PartialHeard(1, "what"), "partial: what")
        for text in ("what", "", "[BLANK_AUDIO]", " what "):
            call.at(1.3, PartialHeard(1, text))

    def test_of_another_turn_are_late(self) -> None:
        call = Call()
        call.at(0.5, PartialHeard(1, "hello"))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(1.2, PartialHeard(0, "hello"))
        call.at(1.2, PartialHeard(2, "hello"))


class TestLowConfidence:
    def test_is_answered_with_exactly_one_sentence_and_no_thought(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, FinalHeard(1, 1, QUESTION, 0.29))
        call.wakes(
            2.25,
            "StopListening 1",
            f"final: {QUESTION}",
            f"Say 1: {SORRY}",
            "started 1",
            "Play 1",
        )
        call.at(2.3, ReplyText(1, SORRY), f"piece 1: {SORRY}")
        call.at(2.3, ReplyWritten(1))
        call.at(
            5.0, PlaybackEnded(1), f"Remember 1 low_confidence: {SORRY}", f"completed 1: {SORRY}"
        )
        assert call.memory == []
        assert SORRY == LOW_CONFIDENCE_SENTENCE

    def test_is_what_an_empty_transcript_has(self) -> None:
        for nothing in ("", "[BLANK_AUDIO]", "..."):
            call = Call()
            call.at(1.0, SpeechStarted(1.0), "Listen 1")
            call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
            call.at(2.1, FinalHeard(1, 1, nothing, 1.0))
            call.wakes(2.5, "StopListening 1", "final: ", f"Say 1: {SORRY}", "started 1", "Play 1")

    def test_begins_below_the_threshold(self) -> None:
        call = Call(Rules(low_confidence=0.5))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, FinalHeard(1, 1, QUESTION, 0.5), f"Think 1: {QUESTION}")

    def test_is_what_a_confidence_that_is_no_number_means(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.1, FinalHeard(1, 1, QUESTION, math.nan))
        assert call.conversation.turn is not None
        assert call.conversation.turn.confidence == 0.0


class TestNoise:
    def test_a_short_burst_without_words_was_nobody(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(1.2, SpeechPaused(1.1), "Finalise 1.1")
        call.at(1.3, FinalHeard(1, 1, "", 0.0), "StopListening 1")
        call.quiet_from(2.0)

    def test_a_short_word_is_somebody(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(1.2, SpeechPaused(1.1), "Finalise 1.1")
        call.at(1.3, FinalHeard(1, 1, "no", 0.9), "Think 1: no")

    def test_a_pause_of_nobody_is_nothing(self) -> None:
        call = Call()
        call.at(1.0, SpeechPaused(1.0))
        call.quiet_from(2.0)


class TestLimits:
    def test_who_speaks_too_long_is_answered_in_mid_sentence(self) -> None:
        call = Call(Rules(max_turn_ms=5_000))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.wakes(6.0, "Finalise 1.1")
        call.at(
            6.1,
            FinalHeard(1, 1, "and then and", 0.9),
            "StopListening 1",
            "final: and then and",
            "Think 1: and then and",
            "started 1",
            "Play 1",
        )

    def test_a_voice_that_began_long_ago_asks_for_one_wake_up_only(self) -> None:
        call = speaking(Rules(max_turn_ms=2_000, barge_in_after_ms=3_000))
        call.at(9.0, SpeechStarted(1.0), "Listen 2", "Duck 1")
        call.wakes(
            4.0,
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "interrupted 1: It is ten",
            "Finalise 2.1",
        )
        assert call.conversation.deadline == 17.0
