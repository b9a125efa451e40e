"""Writing a journal into a file, within bounds. It blocks, so it belongs into a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.lines import (
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    Began,
    Ended,
    Line,
    happened,
    to_line,
)

_ROOM_FOR_THE_END = 4_096


class JournalFile:
    """A journal without a hole: where it can't go on, it ends and says why."""

    def __init__(self, file: BinaryIO, began: Began) -> None:
        self._file = file
        self._events = 0
        self._bytes = 0
        self.ended = False
        self._put(to_line(began))

    def write(self, at: float, event: ev.Event, wishes: Sequence[do.Command]) -> None:
        if self.ended:
            return
        line = to_line(happened(at, event, wishes))
        room = MOST_BYTES - _ROOM_FOR_THE_END - self._bytes
        if len(line) > LONGEST_LINE or len(line) > room or self._events >= MOST_LINES - 2:
            self.end("The call is longer than a journal may be.")
            return
        self._put(line)
        self._events += 1

    def end(self, cut: str = "") -> None:
        if not self.ended:
            self.ended = True
            ended: Line = Ended(self._events, cut)
            self._put(to_line(ended))

    def flush(self) -> None:
        self._file.flush()

    def _put(self, line: bytes) -> None:
        self._file.write(line)
        self._bytes += len(line)
