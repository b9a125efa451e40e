"""What is on its way to one client: in order, bounded, and free of what was hushed.

What the items are is the client's affair: frames of a wire, or parts of an answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from repartee.store.keeper import Receipt

Item = TypeVar("Item")

_MOST_ITEMS = 4_096
_MOST_BYTES = 32 * 1024 * 1024


_HELD_SECONDS = 0.05
"""A database that is well is quicker; one that is not must not delay anybody's sound."""


class _Gate(msgspec.Struct, frozen=True):
    """Nothing behind it leaves before this is done."""

    until: Receipt


class _Queued(msgspec.Struct, Generic[Item], frozen=True):
    item: Item
    size: int
    sound_of: int | None


class Outbox(Generic[Item]):
    def __init__(self, size: Callable[[Item], int]) -> None:
        """`size` tells how many bytes an item takes."""
        self._size = size
        self._queue: deque[_Queued[Item] | _Gate] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, item: Item, sound_of: int | None = None) -> None:
        """Queue an item; `sound_of` names the reply that it is sound of, so it can be hushed."""
        if len(self._queue) >= _MOST_ITEMS or self._bytes >= _MOST_BYTES:
            self.overflowed = True  # this client takes nothing: the sender will give it up
            return
        size = self._size(item)
        self._queue.append(_Queued(item, size, sound_of))
        self._bytes += size
        self._filled.set()

    def hold(self, until: Receipt) -> None:
        """Let what is put from now on leave only when this is done, or was waited for enough."""
        if not until.done():
            self._queue.append(_Gate(until))

    def hush(self, reply: int) -> None:
        """Forget the sound of a reply that has not left yet."""
        kept = [item for item in self._queue if not _is_sound_of(item, reply)]
        if len(kept) < len(self._queue):
            self._queue = deque(kept)
            self._bytes = sum(item.size for item in kept if isinstance(item, _Queued))

    async def get(self) -> Item:
        while True:
            while not self._queue:
                self._filled.clear()
                await self._filled.wait()
            first = self._queue[0]
            if isinstance(first, _Gate):
                await asyncio.wait([first.until], timeout=_HELD_SECONDS)
            first = self._queue.popleft()
            if isinstance(first, _Queued):
                self._bytes -= first.size
                return first.item


def _is_sound_of(item: _Queued[Item] | _Gate, reply: int) -> bool:
    return isinstance(item, _Queued) and item.sound_of == reply
