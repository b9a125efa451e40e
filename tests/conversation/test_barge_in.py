"""A voice over a reply: first the reply is lowered, then it is decided what the voice wants."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.events import (
    FinalHeard,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
    ReplyText,
    SpeechPaused,
    SpeechStarted,
)
from tests.conversation.table import ANSWER, QUESTION, Call, speaking, thinking_ahead

HUSHED = ("Hush 1", "Remember 1 interrupted: It is ten", "interrupted 1: It is ten")
SAID_ALOUD = [("user", QUESTION), ("assistant", "It is ten")]


def voice_over(call: Call, since: float = 3.10) -> Call:
    call.at(since, SpeechStarted(since), "Listen 2", "Duck 1")
    return call


class TestWordsHush:
    def test_a_reply_that_is_lowered_already(self) -> None:
        call = voice_over(speaking())
        call.at(3.45, PartialHeard(2, "wait, I"), *HUSHED, "partial: wait, I")
        assert call.memory == SAID_ALOUD
        call.at(3.60, ReplyText(1, " It is late."))
        call.at(3.70, PlaybackEnded(1))
        call.at(4.00, SpeechPaused(4.0), "Finalise 2.1", "Prime: wait, I")
        call.at(
            4.05,
            FinalHeard(2, 1, "wait, I asked about Rome", 0.9),
            "Think 2: wait, I asked about Rome",
        )
        assert [message.role for message in call.thought.messages] == [
            "system",
            "user",
            "assistant",
            "user",
        ]

    @pytest.mark.parametrize("word", ["stop", "Stop!", "STOP", "no"])
    def test_a_single_word_is_enough(self, word: str) -> None:
        call = voice_over(speaking())
        call.at(3.30, PartialHeard(2, word), *HUSHED, f"partial: {word}")

    @pytest.mark.parametrize("words", ["the", "it is", "these can"])
    def test_the_first_words_of_a_partial_are_not_believed_yet(self, words: str) -> None:
        call = voice_over(speaking())
        call.at(3.30, PartialHeard(2, words))
        assert call.happens(3.60, PartialHeard(2, f"{words} you tell me"))[:3] == [*HUSHED]

    def test_a_single_stop_is_enough_though_the_reply_is_about_stopping(self) -> None:
        call = thinking_ahead()
        call.at(2.20, ReplyText(1, "You have to stop at the stop sign."))
        call.wakes(
            2.25,
            "StopListening 1",
            f"final: {QUESTION}",
            "started 1",
            "Play 1",
            "piece 1: You have to stop at the stop sign.",
        )
        call.at(2.50, SpeechStarted(2.5), "Listen 2", "Duck 1")
        call.at(
            2.80,
            PartialHeard(2, "stop"),
            "Hush 1",
            "Remember 1 interrupted: ",
            "interrupted 1: ",
            "partial: stop",
        )
        assert call.memory == [("user", QUESTION)]

    def test_which_first_come_with_the_final(self) -> None:
        call = voice_over(speaking())
        call.at(3.50, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "stop", 0.9), *HUSHED, "Think 2: stop")


class TestItWasNothing:
    def test_a_cough_lets_the_reply_go_on(self) -> None:
        call = voice_over(speaking())
        call.at(3.50, SpeechPaused(3.3), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "", 0.0), "StopListening 2", "Restore 1")
        call.at(4.50, PlaybackEnded(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")

    def test_a_word_that_is_not_believed_is_a_cough(self) -> None:
        call = voice_over(speaking())
        call.at(3.50, SpeechPaused(3.3), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "the", 0.2), "StopListening 2", "Restore 1")

    def test_a_listening_noise_lets_it_go_on(self) -> None:
        call = voice_over(speaking())
        call.at(3.30, PartialHeard(2, "mm-hm"))
        call.at(3.50, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "Mm-hm.", 0.9), "StopListening 2", "Restore 1")

    def test_its_own_echo_lets_it_go_on_however_long_it_lasts(self) -> None:
        call = voice_over(speaking())
        call.at(3.30, PartialHeard(2, "it is ten"))
        call.at(4.50, PartialHeard(2, "it is ten past four in"))
        call.at(5.00, SpeechPaused(4.9), "Finalise 2.1")
        call.at(5.05, FinalHeard(2, 1, "It is ten past four.", 0.9), "StopListening 2", "Restore 1")

    def test_a_second_voice_lowers_it_again(self) -> None:
        call = voice_over(speaking())
        call.at(3.40, SpeechPaused(3.3), "Finalise 2.1")
        call.at(3.45, FinalHeard(2, 1, "", 0.0), "StopListening 2", "Restore 1")
        call.at(3.60, SpeechStarted(3.6), "Listen 3", "Duck 1")
        call.at(3.80, PartialHeard(3, "stop it"), *HUSHED, "partial: stop it")


class TestALongVoice:
    def test_is_meant_whatever_it_says(self) -> None:
        call = voice_over(speaking())
        call.wakes(3.70, *HUSHED)  # nobody coughs for 600 ms
        call.at(4.00, PartialHeard(2, "and"), "partial: and")

    def test_is_one_voice_and_not_two_coughs(self) -> None:
        call = voice_over(speaking())
        call.at(3.40, SpeechPaused(3.3), "Finalise 2.1")
        call.at(3.60, SpeechStarted(3.55))
        call.wakes(4.15, *HUSHED)

    def test_may_be_any_length_by_the_rules(self) -> None:
        call = voice_over(speaking(Rules(barge_in_after_ms=1_500)))
        call.wakes(4.60, *HUSHED)


class TestTheReplyEndsMeanwhile:
    def ended(self) -> Call:
        call = voice_over(speaking())
        call.at(3.20, PlaybackEnded(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        return call

    def test_and_its_echo_is_no_turn(self) -> None:
        call = self.ended()
        call.at(3.30, PartialHeard(2, "four in the afternoon"))
        call.at(3.50, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "four in the afternoon", 0.9), "StopListening 2")
        call.quiet_from(9.0)

    def test_and_a_cough_is_no_turn(self) -> None:
        call = self.ended()
        call.at(3.60, SpeechPaused(3.5), "Finalise 2.1")
        call.at(3.65, FinalHeard(2, 1, "", 0.0), "StopListening 2")
        call.quiet_from(9.0)

    def test_and_a_yes_is_an_answer(self) -> None:
        call = self.ended()
        call.at(3.30, PartialHeard(2, "yes"), "partial: yes")
        call.at(3.40, SpeechPaused(3.3), "Finalise 2.1", "Prime: yes")
        call.at(3.45, FinalHeard(2, 1, "yes", 0.9), "Think 2: yes")


class TestAnInterruptRequest:
    def test_hushes_at_once(self) -> None:
        call = speaking()
        call.at(3.10, InterruptRequested(), *HUSHED)
        call.quiet_from(9.0)
        assert call.memory == SAID_ALOUD

    def test_is_confirmed_though_nothing_is_being_said(self) -> None:
        Call().at(1.0, InterruptRequested(), "interrupted 0: ")

    def test_keeps_the_turn_that_is_being_spoken(self) -> None:
        call = voice_over(speaking())
        call.at(3.20, InterruptRequested(), *HUSHED)
        call.at(3.50, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.55, FinalHeard(2, 1, "mm-hm", 0.9), "Think 2: mm-hm")

    def test_just_before_a_reply_means_that_none_is_wanted(self) -> None:
        call = thinking_ahead()
        call.at(2.20, InterruptRequested(), "Drop 1", "StopListening 1", "interrupted 0: ")
        call.quiet_from(9.0)
