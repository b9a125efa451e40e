"""Lines of a journal, as a recorded call is kept: one moment and one event each, as JSON."""

from __future__ import annotations

from typing import Any, Union

import msgspec

from repartee.conversation import events as ev

EVERY_EVENT: tuple[type[ev.Event], ...] = tuple(ev.Event.__subclasses__())
_ANY_EVENT: Any = Union[EVERY_EVENT]  # noqa: UP007
_DECODER = msgspec.json.Decoder(tuple[float, _ANY_EVENT])


def to_line(now: float, event: ev.Event) -> bytes:
    return msgspec.json.encode((now, event))


def from_line(line: bytes) -> tuple[float, ev.Event]:
    now, event = _DECODER.decode(line)
    return now, event
