"""A recorded call under other rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.differences import differences
from repartee.observe.journals.exchanges import exchanges
from repartee.observe.journals.replay import Step, replayed
from repartee.observe.journals.what_if import Outcome, what_if
from repartee.testing.scripted_call import Later, Reaction, ScriptedCall, answers, hears
from tests.conversation.journal import EVERY_EVENT
from tests.conversation.test_events import EXAMPLES
from tests.observe.journals.recorded import recorded, speech

QUESTION, ANSWER = "what time is it", "It is ten past four in the afternoon."
GOODBYE = [(60.0, ev.ClientGone())]


def call_of(
    *reactions: Reaction, script: list[tuple[float, ev.Event]], rules: Rules | None = None
) -> ScriptedCall:
    call = ScriptedCall(*reactions, rules=rules)
    call.play([*script, *GOODBYE])
    return call


def changes(call: ScriptedCall, **rules: int | float | bool) -> list[str]:
    return told(call, **rules)[0]


def told(call: ScriptedCall, **rules: int | float | bool) -> tuple[list[str], Outcome]:
    journal = recorded(call.journal, call.conversation.rules)
    outcome = what_if(journal, Rules(**rules))  # type: ignore[arg-type]
    return differences(exchanges(replayed(journal)), exchanges(outcome.steps)), outcome


def one_question() -> ScriptedCall:
    return call_of(hears(QUESTION), answers(ANSWER), script=speech(1.0, 2.0))


def says(at: float, *pieces: str, until: float) -> Reaction:
    """A recogniser that reports these words at even moments of the turn."""

    def say(command: do.Command) -> Iterator[Later]:
        if isinstance(command, do.Listen):
            words = ""
            for count, piece in enumerate(pieces, 1):
                words = f"{words} {piece}".strip()
                moment = (until - at) * count / len(pieces)
                yield moment, ev.PartialHeard(command.turn, words)

    return say


class TestTheSameRules:
    """Nothing changes: the simulation is the call, to the last bit of every moment."""

    def test_a_plain_call(self) -> None:
        lines, outcome = told(one_question())
        assert lines == []
        assert decisions(outcome.steps) == decisions(replayed(recorded(one_question().journal)))
        assert outcome.guessed_from is None

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def test_any_honest_call(self, data: st.DataObject) -> None:
        rules = data.draw(rule_books)
        call = LateCall(data.draw(lags), *data.draw(worlds), rules=rules)
        call.play([*data.draw(scripts()), *GOODBYE])
        journal = recorded(call.journal, rules)
        outcome = what_if(journal, rules)
        assert decisions(outcome.steps) == decisions(replayed(journal)) == call.steps
        assert outcome.guessed_from is None


class TestTheEndOfATurn:
    def test_a_shorter_wait_answers_earlier(self) -> None:
        assert changes(one_question(), wait_finished_ms=150) == [
            "turn 1: answered 250 ms → 150 ms after the words ended; "
            "the reply was begun 100 ms earlier"
        ]

    def test_a_reply_is_not_begun_before_there_are_words_of_it(self) -> None:
        call = call_of(hears(QUESTION), answers(ANSWER, after=0.3), script=speech(1.0, 2.0))
        assert changes(call, wait_finished_ms=150) == [
            "turn 1: answered 250 ms → 150 ms after the words ended"
        ]

    def test_without_thinking_ahead_the_reply_comes_later(self) -> None:
        assert changes(one_question(), speculate=False) == [
            "turn 1: the reply was begun 100 ms later"
        ]

    def test_a_turn_is_cut_in_two(self) -> None:
        first, whole = "i would like to know", "i would like to know what time it is"
        call = call_of(hears(first, whole), answers(ANSWER), script=speech(1.0, 2.0, 2.8, 4.0))
        lines, outcome = told(call, wait_open_ms=600)
        assert lines == [
            'turn 1: would have been cut in two: "i would like to know" | "what time it is"'
        ]
        assert outcome.guessed_from is not None

    def test_two_turns_become_one(self) -> None:
        call = call_of(
            says(1.0, "play", "some", "music", until=1.9),
            hears("play some music", "no stop"),
            answers(ANSWER),
            script=speech(1.0, 2.0, 2.8, 3.6),
        )
        lines, outcome = told(call, wait_default_ms=900)
        assert lines == [
            'turn 1: answered 500 ms → 250 ms after the words ended; understood as "play some '
            'music" → "play some music no stop"; the reply was begun 1350 ms later; '
            'the reply was interrupted after "It is ten past" → complete',
            "turn 2: would have been part of turn 1",
        ]
        partials = [what for _, what in partials_of(outcome.steps)]
        assert "play some music play" in partials

    def test_a_transcript_that_is_not_believed_any_more(self) -> None:
        lines, outcome = told(one_question(), low_confidence=0.95)
        assert lines[0].endswith("the reply was complete → low confidence")
        assert outcome.guessed_from is not None

    def test_a_speaker_who_is_cut_off(self) -> None:
        call = call_of(
            says(1.0, "tell", "me", "a", "long", "story", until=3.0),
            hears("tell me a long story"),
            answers(ANSWER),
            script=speech(1.0, 3.5),
        )
        lines, outcome = told(call, max_turn_ms=1_500)
        assert lines[0].startswith("turn 1: would have been cut in two") or (
            'understood as "tell me a long story" → "tell me a"' in lines[0]
        )
        assert outcome.guessed_from == pytest.approx(2.6)


class TestAVoiceOverAReply:
    def over(self, words: str, *edges: float) -> ScriptedCall:
        return call_of(
            hears(QUESTION, words), answers(ANSWER), script=[*speech(1.0, 2.0), *speech(*edges)]
        )

    def test_more_patience_with_a_voice_lets_the_reply_go_on(self) -> None:
        call = self.over("mm-hm", 3.0, 3.8)
        lines, outcome = told(call, barge_in_after_ms=2_000)
        (line,) = lines[:1]
        assert line == 'turn 1: the reply was interrupted after "It is ten past four" → complete'
        assert any(isinstance(one, do.Restore) for _, one in decisions(outcome.steps))

    def test_what_a_model_would_have_said_is_guessed(self) -> None:
        """The model was stopped by the hush, so nothing tells how it would have gone on."""

        def stopped(command: do.Command) -> Iterator[Later]:
            if isinstance(command, do.Think):
                yield 0.1, ev.ReplyText(command.reply, ANSWER)
            elif isinstance(command, do.Play):
                yield 0.5, ev.Played(command.reply, 500, "It is")

        call = call_of(
            hears(QUESTION, "mm-hm"), stopped, script=[*speech(1.0, 2.0), *speech(3.0, 3.8)]
        )
        lines, outcome = told(call, barge_in_after_ms=2_000)
        assert lines[0].endswith('the reply was interrupted after "It is" → complete')
        assert outcome.guessed_from is not None
        assert outcome.guessed_from >= 3.6


class TestTyping:
    def test_it_stays_where_it_was(self) -> None:
        call = call_of(answers(ANSWER), script=[(1.0, ev.Typed(QUESTION))])
        assert changes(call, wait_finished_ms=100) == []

    def test_a_message_that_is_too_long_for_other_rules(self) -> None:
        call = call_of(answers(ANSWER), script=[(1.0, ev.Typed(QUESTION))])
        assert changes(call, max_text_chars=5) == ["turn 1: would not have been answered"]


class TestTheWorld:
    @pytest.mark.parametrize("kind", EVERY_EVENT)
    def test_what_is_nobodys_answer_happens_again_at_its_moment(self, kind: type[ev.Event]) -> None:
        """Whatever events there will be, those without a number are the world's."""
        if {"turn", "reply"} & set(kind.__struct_fields__) or kind is ev.TimePassed:
            return
        (event,) = (event for event in EXAMPLES if type(event) is kind)
        outcome = what_if(recorded([(1.0, event)]), Rules(speculate=False))
        assert [(step.at, step.event) for step in outcome.steps] == [(1.0, event)]

    def test_an_engine_breaks_again(self) -> None:
        def breaks(command: do.Command) -> Iterator[Later]:
            if isinstance(command, do.Listen):
                yield 0.5, ev.EngineFailed("hearing", "It broke.", turn=command.turn)
            elif isinstance(command, do.Think):
                yield 0.4, ev.EngineFailed("thinking", "It broke.", reply=command.reply)

        call = call_of(breaks, hears(QUESTION), script=[*speech(1.0, 2.0), (9.0, ev.Typed("hm"))])
        before = [type(one) for _, one in call.steps]
        outcome = told(call, wait_finished_ms=100)[1]
        assert [type(one) for _, one in decisions(outcome.steps)] == before

    def test_an_empty_journal(self) -> None:
        assert what_if(recorded([]), Rules()).steps == []


# ---------------------------------------------------------------- any honest call


class LateCall(ScriptedCall):
    """A call on a machine that keeps its deadlines a little late, so that events overtake them."""

    def __init__(self, lag: float, *reactions: Reaction, rules: Rules) -> None:
        super().__init__(*reactions, rules=rules)
        self._lag = lag

    def _next_moment(self) -> float | None:
        latest = self.journal[-1][0] if self.journal else 0.0
        moments = [self._ahead[0][0]] if self._ahead else []
        if (deadline := self.conversation.deadline) is not None:
            moments.append(max(deadline + self._lag, latest))
        return min(moments, default=None)


def decisions(steps: list[Step]) -> list[tuple[float, do.Command]]:
    return [(step.at, command) for step in steps for command in step.commands]


def partials_of(steps: list[Step]) -> list[tuple[float, str]]:
    return [(step.at, step.event.text) for step in steps if isinstance(step.event, ev.PartialHeard)]


def slow_model(seconds: float) -> Reaction:
    """It writes a little and is stopped when its reply is; nobody plays what it writes."""

    def think(command: do.Command) -> Iterator[Later]:
        if isinstance(command, do.Think):
            yield seconds, ev.ReplyText(command.reply, "Well now.")

    return think


SAID = ("what is the weather like", "and then", "stop", "mm-hm", "", "five five", QUESTION)
rule_books = st.builds(
    Rules,
    speculate=st.booleans(),
    barge_in_after_ms=st.sampled_from([300, 600]),
    max_turn_ms=st.sampled_from([1_000, 60_000]),
    reply_within_ms=st.sampled_from([500, 15_000]),
)
lags = st.sampled_from([0.0, 0.001, 0.013])
texts = st.lists(st.sampled_from(SAID), min_size=1, max_size=5)
worlds = st.tuples(
    st.builds(lambda said: hears(*said), texts),
    st.sampled_from([answers(ANSWER, "Yes.", after=0.2), slow_model(0.4), slow_model(0.9)]),
    st.sampled_from([says(0.0, "what", "is", "it", "now", until=0.8), says(0.0, until=0.0)]),
)


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[float, ev.Event]]:
    script: list[tuple[float, ev.Event]] = []
    now = 0.0
    voice = held = False
    for _ in range(draw(st.integers(1, 14))):
        now += draw(st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.5]))
        match draw(st.sampled_from(["voice"] * 6 + ["typed", "interrupt", "clear", "button"])):
            case "voice":
                script.append((now, (ev.SpeechPaused if voice else ev.SpeechStarted)(now)))
                voice = not voice
            case "typed":
                script.append((now, ev.Typed(draw(st.sampled_from(SAID)))))
            case "interrupt":
                script.append((now, ev.InterruptRequested()))
            case "clear":
                script.append((now, ev.MemoryCleared()))
            case _:
                script.append((now, ev.TurnClosed(now) if held else ev.TurnOpened()))
                held = not held
    return script
