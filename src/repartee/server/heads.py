"""How much may come with a request beside its body.

The parser takes headers without end, and headers after the body as well.
"""

from __future__ import annotations

MOST_HEAD_BYTES = 65_536
_FOR_EACH_PART = 32
"""What the shortest header costs as well, as HTTP/2 counts it."""


class HeadTooLong(Exception):
    """Raised while a request is parsed: nothing more of it is."""


class HeadMeter:
    """Of one line, on which one request follows the other."""

    def __init__(self) -> None:
        self._counted = 0
        self._unfinished = 0

    def begin(self) -> None:
        self._counted = self._unfinished = 0

    def count(self, *parts: bytes) -> None:
        """A piece of the address, or a header."""
        self._unfinished = 0
        self._counted += sum(map(len, parts)) + _FOR_EACH_PART * (len(parts) - 1)
        if self._counted > MOST_HEAD_BYTES:
            raise HeadTooLong

    def came(self, number: int) -> None:
        """Told before so many bytes are parsed: until they are part of something, they wait there
        to be a header some day."""
        self._unfinished += number

    def is_body(self) -> None:
        self._unfinished = 0

    @property
    def is_too_long(self) -> bool:
        return max(self._counted, self._unfinished) > MOST_HEAD_BYTES
