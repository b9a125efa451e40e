"""Bytes of a recording that have come and are not used up yet."""

from __future__ import annotations


class Incoming:
    __slots__ = ("_bytes", "_skipping", "position")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._skipping = 0
        self.position = 0
        """Where in the recording the next byte stands."""

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, piece: bytes) -> None:
        passed = min(self._skipping, len(piece))
        self._skipping -= passed
        self.position += passed
        self._bytes += memoryview(piece)[passed:]

    def peek(self, count: int) -> bytes:
        """The next bytes, or as many of them as are there."""
        return bytes(self._bytes[:count])

    def take(self, count: int) -> bytes:
        """The same, and they are used up."""
        taken = self.peek(count)
        self.skip(len(taken))
        return taken

    def skip(self, count: int) -> None:
        """Pass over these bytes, also those that have not come yet."""
        here = min(count, len(self._bytes))
        del self._bytes[:here]
        self.position += here
        self._skipping += count - here

    def skip_to(self, mark: bytes) -> bool:
        """Pass over everything before this mark; False: it is not there yet."""
        found = self._bytes.find(mark)
        # The mark may have been cut in two.
        self.skip(max(0, len(self._bytes) - len(mark) + 1) if found < 0 else found)
        return found >= 0
