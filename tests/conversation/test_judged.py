"""A turn model hears in the voice whether more will come: beside the words, not instead of them."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.events import FinalHeard, SpeechPaused, SpeechStarted, TurnJudged
from repartee.conversation.turns import wait_ms
from tests.conversation.table import QUESTION, Call, thinking_ahead

RULES = Rules()
FINISHED, UNCLEAR, OPEN = "what time is it", "play some music", "i would like to know and"


@pytest.mark.parametrize(
    ("words", "sounds", "wait"),
    [
        (FINISHED, None, RULES.wait_finished_ms),
        (FINISHED, 0.9, RULES.wait_finished_ms),
        (FINISHED, 0.2, RULES.wait_default_ms),
        (UNCLEAR, None, RULES.wait_default_ms),
        (UNCLEAR, 0.9, RULES.wait_finished_ms),
        (UNCLEAR, 0.2, RULES.wait_open_ms),
        (OPEN, None, RULES.wait_open_ms),
        (OPEN, 0.9, RULES.wait_open_ms),
        (OPEN, 0.2, RULES.wait_open_ms),
    ],
)
def test_words_and_voice_decide_together(words: str, sounds: float | None, wait: int) -> None:
    assert wait_ms(words, RULES, "en", sounds) == wait


def heard(words: str) -> Call:
    """At 2.10 these words are known; the voice paused at 2.00."""
    call = Call(Rules(speculate=False))
    call.at(1.00, SpeechStarted(0.9), "Listen 1")
    call.at(2.06, SpeechPaused(2.0), "Finalise 1.1")
    call.at(2.10, FinalHeard(1, 1, words, 0.9))
    return call


def answered(words: str) -> tuple[str, ...]:
    return ("StopListening 1", f"final: {words}", f"Think 1: {words}", "started 1", "Play 1")


class TestTheVerdictComes:
    def test_before_the_words(self) -> None:
        call = Call(Rules(speculate=False))
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.06, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.08, TurnJudged(1, 1, 0.9))
        call.at(2.10, FinalHeard(1, 1, UNCLEAR, 0.9))
        call.wakes(2.25, *answered(UNCLEAR))

    def test_after_the_words(self) -> None:
        call = heard(UNCLEAR)
        call.at(2.20, TurnJudged(1, 1, 0.9))
        call.wakes(2.25, *answered(UNCLEAR))

    def test_when_a_finished_turn_would_have_been_answered_already(self) -> None:
        call = heard(UNCLEAR)
        call.at(2.40, TurnJudged(1, 1, 0.9), *answered(UNCLEAR))

    def test_and_gives_a_speaker_who_has_not_finished_more_time(self) -> None:
        call = heard(FINISHED)
        call.at(2.20, TurnJudged(1, 1, 0.1))
        call.wakes(2.50, *answered(FINISHED))

    def test_while_the_reply_is_being_thought_which_goes_on(self) -> None:
        call = thinking_ahead()
        call.at(2.20, TurnJudged(1, 1, 0.1))
        call.wakes(2.50, "StopListening 1", f"final: {QUESTION}", "started 1", "Play 1")


class TestItIsTooLate:
    def test_once_the_voice_goes_on(self) -> None:
        call = heard(UNCLEAR)
        call.at(2.15, SpeechStarted(2.12))
        call.at(2.20, TurnJudged(1, 1, 0.9))
        call.at(3.06, SpeechPaused(3.0), "Finalise 1.2")
        call.at(3.10, FinalHeard(1, 2, UNCLEAR, 0.9))
        call.wakes(3.50, *answered(UNCLEAR))

    def test_for_another_pause_or_another_turn(self) -> None:
        call = heard(UNCLEAR)
        call.at(2.20, TurnJudged(1, 2, 0.9))
        call.at(2.21, TurnJudged(2, 1, 0.9))
        call.wakes(2.50, *answered(UNCLEAR))
