"""Journals of scripted calls, as a server would have written and read them."""

from __future__ import annotations

import io
from collections.abc import Iterable

from repartee.conversation import Conversation, Rules
from repartee.conversation import events as ev
from repartee.observe.journals.lines import FORMAT, Began
from repartee.observe.journals.reading import Journal, parse_journal
from repartee.observe.journals.writing import JournalFile


def began(rules: Rules | None = None) -> Began:
    return Began(FORMAT, "a-call", "ws", "0.1.0", "2026-01-02T03:04:05Z", 0.0, rules or Rules())


def written(events: Iterable[tuple[float, ev.Event]], rules: Rules | None = None) -> bytes:
    """The file of a call in which this happened."""
    file = io.BytesIO()
    journal = JournalFile(file, began(rules))
    conversation = Conversation(rules or Rules())
    for at, event in events:
        journal.write(at, event, conversation.handle(event, at))
    journal.end()
    return file.getvalue()


def recorded(events: Iterable[tuple[float, ev.Event]], rules: Rules | None = None) -> Journal:
    return parse_journal(io.BytesIO(written(events, rules)))


def speech(*edges: float) -> list[tuple[float, ev.Event]]:
    """A voice that begins at the first edge, pauses at the second, begins at the third …"""
    kinds = (ev.SpeechStarted, ev.SpeechPaused)
    return [(at, kinds[place % 2](at)) for place, at in enumerate(edges)]
