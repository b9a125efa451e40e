"""A journal run through a new conversation: do the same decisions come out?"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.conversation import Conversation
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.lines import Wish, written
from repartee.observe.journals.reading import Journal


class Step(msgspec.Struct, frozen=True):
    """An event, and what was wished because of it."""

    at: float
    event: ev.Event
    commands: Sequence[do.Command]


class Departure(msgspec.Struct, frozen=True):
    """An event after which the journal holds other wishes than come out today."""

    line: int
    at: float
    event: ev.Event
    was: Sequence[Wish]
    now: Sequence[Wish]


def replayed(journal: Journal) -> list[Step]:
    """The same events at the same moments, under the same rules."""
    conversation = Conversation(journal.began.rules)
    return [
        Step(one.at, one.event, conversation.handle(one.event, one.at)) for one in journal.events
    ]


def departures(journal: Journal, steps: Sequence[Step]) -> list[Departure]:
    """Where the steps of `replayed` are not those of the journal; nowhere, if all is well."""
    found = []
    for number, (one, step) in enumerate(zip(journal.events, steps, strict=True), 2):
        now = [written(command) for command in step.commands]
        if now != one.wishes:
            found.append(Departure(number, one.at, one.event, one.wishes, now))
    return found
