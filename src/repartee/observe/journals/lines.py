"""The lines of a journal: how the call began, one line for each event, and how it ended.

A line is one JSON object. Moments are those of the call's own clock, written exactly: even an
offset taken from them could round a decision the other way. `Began.clock` is where it stood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Union

import msgspec

from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.memory import Message

if TYPE_CHECKING:
    AnyEvent = ev.Event
else:
    AnyEvent = Union[tuple(ev.Event.__subclasses__())]  # noqa: UP007

FORMAT = 1
LONGEST_LINE = 8 * 1024 * 1024
MOST_LINES = 250_000
MOST_BYTES = 64 * 1024 * 1024
"""Nobody writes a longer journal, and nobody reads one."""

Wish = dict[str, Any]
"""A command as it is written: its name as `type`, and its fields."""


class Began(msgspec.Struct, frozen=True, tag="began"):
    format: int
    session: str
    interface: str
    version: str
    """Of Repartee."""
    began_at: str
    """Date and time of day, for people."""
    clock: float
    """What the call's clock showed at its beginning."""
    rules: Rules


class Happened(msgspec.Struct, frozen=True, tag="event", omit_defaults=True):
    at: float
    event: AnyEvent
    wishes: list[Wish] = []


class Ended(msgspec.Struct, frozen=True, tag="ended", omit_defaults=True):
    events: int
    cut: str = ""
    """Why the journal ends before the call did; empty when it doesn't."""


Line = Began | Happened | Ended

_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_encode = msgspec.json.Encoder().encode


def happened(at: float, event: ev.Event, wishes: Sequence[do.Command]) -> Happened:
    return Happened(at, _writable(event), [written(wish) for wish in wishes])


def to_line(line: Line) -> bytes:
    return _encode(line) + b"\n"


def from_line(line: bytes) -> Line:
    """`ValueError` or `RecursionError` for what is no line of a journal."""
    return _decoder.decode(line)


def written(command: do.Command) -> Wish:
    """A command without the messages for the model, which repeat the whole call every time: a
    digest of them is enough to tell whether they are the same."""
    if not isinstance(command, do.Think | do.Prime):
        plain: Wish = msgspec.to_builtins(command)
        return plain
    wish: Wish = msgspec.to_builtins(msgspec.structs.replace(command, messages=()))
    return wish | {"messages": digest(command.messages)}


def digest(messages: Sequence[Message]) -> str:
    figures = blake2b(_encode(messages), digest_size=8).hexdigest()
    return f"{len(messages)} messages, {figures}"


def _writable(event: ev.Event) -> ev.Event:
    """JSON has no NaN and no infinity; the conversation takes them for none and for all."""
    if isinstance(event, ev.FinalHeard) and not math.isfinite(event.confidence):
        certain = 1.0 if event.confidence > 0 else 0.0
        return msgspec.structs.replace(event, confidence=certain)
    return event
