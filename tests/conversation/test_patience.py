"""When an answer is late: where all of them take as long, a word to wait only makes them later."""

from __future__ import annotations

from statistics import median_low

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.conversation import Rules
from repartee.conversation.commands import SayFirst
from repartee.conversation.events import (
    FinalHeard,
    LanguageChosen,
    PlaybackEnded,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
    TimePassed,
    Typed,
    Voiced,
)
from repartee.conversation.lexicon import LEXICONS, holding_sentence
from tests.conversation.table import ANSWER, QUESTION, Call

WAITS = Rules(hold_after_ms=1_700)


class Dialogue:
    """One typed turn after the other; the first sound of an answer comes after so many seconds."""

    def __init__(self, rules: Rules = WAITS) -> None:
        self.call = Call(rules)
        self.now = self.reply = 0

    def turn(self, seconds: float) -> float | None:
        """After how many seconds the caller is asked to wait; None if they are not."""
        self.now, self.reply = self.now + 60, self.reply + 1
        self.call.happens(self.now, Typed(QUESTION))
        asked_after = self._wait(self.now + seconds)
        self.call.happens(self.now + seconds, Voiced(self.reply))
        self.call.happens(self.now + seconds, ReplyText(self.reply, ANSWER))
        self.call.happens(self.now + seconds, ReplyWritten(self.reply))
        self.call.happens(self.now + 50, PlaybackEnded(self.reply))
        return asked_after

    def _wait(self, until: float) -> float | None:
        while (due_at := self.call.conversation.deadline) is not None and due_at < until:
            self.call.happens(due_at, TimePassed())
            if any(isinstance(wish, SayFirst) for wish in self.call.commands):
                return due_at - self.now
        return None


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.floats(0.0, 14.0), max_size=9),
    st.sampled_from([500, 1_700, 4_000, 10_000]),
)
def test_late_is_twice_as_long_as_of_late(before: list[float], hold_after_ms: int) -> None:
    """And never sooner than it is set; nor later than nobody is used to any more."""
    dialogue = Dialogue(Rules(hold_after_ms=hold_after_ms))
    for seconds in before:
        dialogue.turn(seconds)
    set_to = hold_after_ms / 1000
    usual = median_low(before[-5:]) if before else 0.0
    assert dialogue.turn(14.9) == pytest.approx(max(set_to, min(2 * usual, 6.0)))


def test_a_machine_that_is_merely_slow_asks_once() -> None:
    dialogue = Dialogue()
    assert [dialogue.turn(2.0) for _ in range(4)] == [pytest.approx(1.7), None, None, None]


def test_one_slow_turn_makes_no_habit() -> None:
    dialogue = Dialogue()
    asked = [dialogue.turn(seconds) for seconds in (0.4, 5.0, 0.4, 5.0)]
    assert asked == [None, pytest.approx(1.7), None, pytest.approx(1.7)]


def test_a_spoken_turn_counts_from_its_end() -> None:
    """The first sound comes 2.25 s after the silence that ends it."""
    call = Call(WAITS)
    for turn, start in ((1, 10.0), (2, 40.0)):
        call.happens(start, SpeechStarted(start))
        call.happens(start + 1.1, SpeechPaused(start + 1.0))
        due_at = call.conversation.deadline
        if turn == 1:
            assert due_at == pytest.approx(start + 2.8)
            call.happens(due_at or 0.0, TimePassed())
            call.happens(start + 2.9, PlaybackEnded(1))
        else:
            assert due_at == pytest.approx(start + 1.1 + 2 * 2.25)
        call.happens(start + 3.1, FinalHeard(turn, 1, QUESTION, 0.9))
        call.happens(start + 3.5, Voiced(turn + 1))
        call.happens(start + 3.5, ReplyText(turn + 1, ANSWER))
        call.happens(start + 3.5, ReplyWritten(turn + 1))
        call.happens(start + 9.0, PlaybackEnded(turn + 1))


def test_what_was_thought_ahead_was_waited_for_until_it_is_let_out() -> None:
    patient = Rules(
        hold_after_ms=500, wait_finished_ms=2_000, wait_default_ms=2_000, wait_open_ms=2_000
    )
    call = Call(patient)
    call.happens(1.0, SpeechStarted(1.0))
    call.happens(2.1, SpeechPaused(2.0))
    call.happens(2.2, FinalHeard(1, 1, QUESTION, 0.9))
    call.happens(2.5, ReplyText(1, ANSWER))
    call.happens(2.5, ReplyWritten(1))
    call.happens(2.6, Voiced(1))
    call.happens(4.0, TimePassed())
    call.happens(9.0, PlaybackEnded(1))
    call.happens(10.0, Typed(QUESTION))
    assert call.conversation.deadline == 10.5


def test_nothing_is_said_where_the_server_can_do_no_more_than_answer() -> None:
    call = Call(WAITS)
    call.happens(1.0, Typed(QUESTION))
    call.at(2.7, TimePassed(at_limit=True))
    assert call.conversation.deadline == 16.0


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "de-AT", "EN_us"])
def test_it_is_said_in_the_language_that_is_spoken(language: str) -> None:
    call = Call(Rules(hold_after_ms=1_700, language=language))
    call.happens(1.0, Typed(QUESTION))
    call.at(2.7, TimePassed(), f"SayFirst 1: {holding_sentence(language)}")


def test_each_has_its_own_words() -> None:
    said = {holding_sentence(language) for language in LEXICONS}
    assert "" not in said
    assert len(said) == len(LEXICONS)


def test_another_language_is_chosen_meanwhile() -> None:
    call = Call(WAITS)
    call.happens(1.0, Typed(QUESTION))
    call.happens(2.0, LanguageChosen("de"))
    call.at(2.7, TimePassed(), f"SayFirst 1: {holding_sentence('de')}")


def test_one_that_has_no_words_for_it_is_silent() -> None:
    call = Call(Rules(hold_after_ms=1_700, language="pl"))
    call.happens(1.0, Typed(QUESTION))
    assert call.conversation.deadline == 16.0


def test_and_is_so_when_it_is_chosen_meanwhile() -> None:
    call = Call(WAITS)
    call.happens(1.0, Typed(QUESTION))
    call.happens(2.0, LanguageChosen("pl"))
    call.at(2.7, TimePassed())
    assert call.conversation.deadline == 16.0
