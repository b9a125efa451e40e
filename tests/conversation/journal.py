"""Lines of a journal, as a recorded call is kept: one moment and one event each, as JSON."""

from __future__ import annotations

import math
from typing import Any, Union

import msgspec

from repartee.conversation import events as ev

EVERY_EVENT: tuple[type[ev.Event], ...] = tuple(ev.Event.__subclasses__())


class Line:
    def __init__(self) -> None:
        event = Union[EVERY_EVENT]  # noqa: UP007
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(tuple[float, event])

    def encode(self, line: tuple[float, ev.Event]) -> bytes:
        return msgspec.json.encode(line)

    def decode(self, line: bytes) -> tuple[float, ev.Event]:
        now, event = self._decoder.decode(line)
        return now, event


LINE = Line()
