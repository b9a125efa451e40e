"""Server-sent events, as services stream their answers.

They are read strictly, and wherever the bytes were cut. A line ends with a line feed, before which
a carriage return may stand; nobody sends events with carriage returns alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from repartee.engines.remote.service import Answer
from repartee.engines.remote.trouble import nonsense

MOST_EVENT_BYTES = 1 << 20

_FIELDS = (b"data", b"event", b"id", b"retry", b"error")
"""The standard's four, and one that older servers of llama.cpp have for what went wrong."""


class NoEvents(ValueError):
    """These bytes are something else, a web page for example."""


class EventReader:
    """Gives the data of every event that has come completely; one that is cut off is no event."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[bytes] = []
        self._bytes = 0

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._line += piece
        self._bytes += len(piece)
        if self._bytes > MOST_EVENT_BYTES:
            raise NoEvents("an event without end")
        if b"\n" in piece:
            *lines, self._line = self._line.split(b"\n")
            for line in lines:
                yield from self._take(bytes(line.removesuffix(b"\r")))

    def _take(self, line: bytes) -> Iterator[bytes]:
        if line:
            field, _, value = line.partition(b":")
            if field and field not in _FIELDS:
                raise NoEvents("a field that no event has")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
            elif field == b"error":
                self._data.append(b'{"error":%b}' % value)  # as the newer ones write it
            return
        self._bytes = 0
        if self._data:
            data = b"\n".join(self._data)
            self._data.clear()
            yield data


async def events(answer: Answer) -> AsyncGenerator[bytes]:
    """The data of every event in this answer."""
    reader = EventReader()
    async with aclosing(answer.pieces()) as pieces:
        async for piece in pieces:
            try:
                for data in reader.push(piece):
                    yield data
            except NoEvents:
                raise nonsense(answer.address) from None
