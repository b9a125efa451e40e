"""A call in which somebody was asked to wait leads to the same decisions when it is run again."""

from __future__ import annotations

from repartee.conversation import Rules
from repartee.conversation import events as ev
from repartee.conversation.lexicon import holding_sentence
from repartee.observe.journals.exchanges import exchanges
from repartee.observe.journals.replay import departures, replayed
from repartee.observe.journals.what_if import what_if
from tests.observe.journals.recorded import recorded

HOLDING_SENTENCE = holding_sentence("en")
WAITS = Rules(hold_after_ms=1_700)
QUESTION, ANSWER = "what time is it", "It is ten past four."
CALL: list[tuple[float, ev.Event]] = [
    # The words are late, and the answer is thought of while that is said.
    (1.0, ev.SpeechStarted(0.9)),
    (2.1, ev.SpeechPaused(2.0)),
    (3.8, ev.TimePassed()),
    (3.81, ev.ReplyText(1, HOLDING_SENTENCE)),
    (3.81, ev.ReplyWritten(1)),
    (3.82, ev.Voiced(1)),
    (4.0, ev.FinalHeard(1, 1, QUESTION, 0.9)),
    (4.5, ev.ReplyText(2, ANSWER)),
    (4.5, ev.ReplyWritten(2)),
    (4.6, ev.Voiced(2)),
    (5.3, ev.AllSent(1)),
    (5.4, ev.PlaybackEnded(1)),
    (7.0, ev.AllSent(2)),
    (7.1, ev.PlaybackEnded(2)),
    # The answer is late, even after one that took three seconds.
    (10.0, ev.Typed("And in Rome?")),
    (16.0, ev.TimePassed()),
    (17.0, ev.ReplyText(3, ANSWER)),
    (17.0, ev.ReplyWritten(3)),
    (17.1, ev.Voiced(3)),
    (19.0, ev.AllSent(3)),
    (19.5, ev.PlaybackEnded(3)),
    # So is the next one, but the server has no time for more than answers.
    (20.0, ev.Typed("And in Bern?")),
    (26.0, ev.TimePassed(at_limit=True)),
    (27.0, ev.ReplyText(4, ANSWER)),
    (27.0, ev.ReplyWritten(4)),
    (27.1, ev.Voiced(4)),
    (29.0, ev.AllSent(4)),
    (29.5, ev.PlaybackEnded(4)),
]


def test_the_decisions_are_the_same() -> None:
    journal = recorded(CALL, WAITS)
    wishes = [wish["type"] for one in journal.events for wish in one.wishes]
    assert wishes.count("SayFirst") == 1
    assert departures(journal, replayed(journal)) == []


def test_and_under_its_own_rules_it_is_the_very_same_call() -> None:
    journal = recorded(CALL, WAITS)
    assert what_if(journal, WAITS).steps == replayed(journal)


def test_it_is_no_reply_to_what_was_said() -> None:
    first, second, _ = exchanges(replayed(recorded(CALL, WAITS)))
    assert (first.words, first.began_at, first.heard) == (QUESTION, 5.4, ANSWER)
    assert second.began_at == 17.0


def test_without_the_rule_the_answers_come_as_they_did() -> None:
    outcome = what_if(recorded(CALL, WAITS), Rules())
    assert [one.heard for one in exchanges(outcome.steps)] == [ANSWER] * 3
