"""Events and commands are values: they can be compared, written down and read back."""

from __future__ import annotations

import msgspec
import pytest

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.conversation.conversation import Conversation
from repartee.conversation.memory import Message
from repartee.conversation.rules import Rules
from tests.conversation.journal import EVERY_EVENT, from_line, to_line
from tests.conversation.table import speaking

EXAMPLES: tuple[ev.Event, ...] = (
    ev.SpeechStarted(1.25),
    ev.SpeechPaused(2.0),
    ev.PartialHeard(1, "what „time“ is it"),
    ev.FinalHeard(1, 2, "¿Qué hora es?", 0.875),
    ev.FinalHeard(1, 2, "¿Qué hora es?", 0.875, "es"),
    ev.TurnJudged(1, 2, 0.75),
    ev.Typed('line one\nline "two" 🦜'),
    ev.TurnOpened(),
    ev.TurnClosed(2.5),
    ev.TurnAbandoned(),
    ev.InterruptRequested(),
    ev.Greeted("Welcome on board."),
    ev.Instructed("You are a pilot."),
    ev.LanguageChosen("pt-BR"),
    ev.Resumed((Message("user", "hello"), Message("assistant", "Hi.")), 3),
    ev.MemoryCleared(),
    ev.ClientGone(),
    ev.ReplyText(3, " piece "),
    ev.ReplyWritten(3),
    ev.Voiced(3),
    ev.Played(3, 640, "It is"),
    ev.Played(3, 640, "It is", reported=True),
    ev.AllSent(3),
    ev.PlaybackEnded(3),
    ev.EngineFailed("hearing", "It broke.", turn=1),
    ev.EngineFailed("speaking", "It broke.", reply=3),
    ev.TimePassed(),
)


def test_there_is_an_example_of_every_event() -> None:
    assert {type(event) for event in EXAMPLES} == set(EVERY_EVENT)


@pytest.mark.parametrize("event", EXAMPLES)
def test_a_journal_keeps_every_event(event: ev.Event) -> None:
    assert from_line(to_line(12.345678901, event)) == (12.345678901, event)


@pytest.mark.parametrize("event", EXAMPLES)
def test_every_event_has_a_meaning(event: ev.Event) -> None:
    assert isinstance(Conversation(Rules()).handle(event, 1.0), list)


@pytest.mark.parametrize("kind", [ev.Event, do.Command, told.Told])
def test_values_are_frozen_and_flat(kind: type[msgspec.Struct]) -> None:
    for value in kind.__subclasses__():
        assert value.__struct_config__.frozen
        assert value.__subclasses__() == []


def test_a_conversation_tells_about_itself_in_one_line() -> None:
    assert repr(speaking().conversation) == (
        "<Conversation None <Reply 1 playing, heard 750 ms> <Memory 1 of 12 messages>>"
    )
