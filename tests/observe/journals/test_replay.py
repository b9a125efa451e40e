"""The same events give the same decisions, after they were written down and read again."""

from __future__ import annotations

import io

import msgspec
from hypothesis import HealthCheck, settings

from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.reading import parse_journal
from repartee.observe.journals.replay import departures, replayed
from repartee.observe.journals.what_if import what_if
from repartee.observe.journals.writing import JournalFile
from repartee.testing.scripted_call import ScriptedCall, answers, hears
from tests.conversation.journal import from_line
from tests.conversation.test_any_order import AnyOrder
from tests.observe.journals.recorded import began, recorded, speech


class Journaled(AnyOrder):
    """Any call at all."""

    def teardown(self) -> None:
        super().teardown()
        if not hasattr(self, "call"):
            return
        file = io.BytesIO()
        writer = JournalFile(file, began(self.rule_book))
        for line, commands in zip(self.journal, self.commands, strict=True):
            at, event = from_line(line)
            writer.write(at, event, commands)
        writer.end()
        journal = parse_journal(io.BytesIO(file.getvalue()))
        steps = replayed(journal)
        assert [step.commands for step in steps] == self.commands
        assert departures(journal, steps) == []
        what_if(journal, Rules(wait_finished_ms=100, speculate=False))  # it always comes to an end


Journaled.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyJournal = Journaled.TestCase


def test_moments_keep_every_bit() -> None:
    """0.1 + 0.2 seconds after a clock that has run for months: rounding would show."""
    clock = 7_654_321.1
    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    call.play(speech(clock + 0.1 + 0.2, clock + 1 / 3))
    steps = replayed(recorded(call.journal))
    assert [(step.at, one) for step in steps for one in step.commands] == call.steps


def test_another_decision_is_found_with_its_line() -> None:
    journal = recorded(speech(1.0, 2.0))
    events = [*journal.events[:-1], msgspec.structs.replace(journal.events[-1], wishes=[])]
    (departure,) = departures(
        changed := msgspec.structs.replace(journal, events=tuple(events)), replayed(changed)
    )
    assert (departure.line, departure.at, departure.event) == (3, 2.0, ev.SpeechPaused(2.0))
    assert departure.was == []
    assert departure.now == [msgspec.to_builtins(do.Finalise(1, 1))]
