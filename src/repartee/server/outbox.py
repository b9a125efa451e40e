"""What is on its way to one client: in order, bounded, and free of what was hushed."""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from repartee.dialects.protocol import Frame
from repartee.store.keeper import Receipt

_MOST_FRAMES = 4_096
_MOST_BYTES = 32 * 1024 * 1024


class _Gate(msgspec.Struct, frozen=True):
    """Nothing behind it leaves before this is done."""

    until: Receipt


class _Queued(msgspec.Struct, frozen=True):
    frame: Frame
    sound_of: int | None


class Outbox:
    def __init__(self) -> None:
        self._queue: deque[_Queued | _Gate] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, frame: Frame, sound_of: int | None = None) -> None:
        """Queue a frame; `sound_of` names the reply that it is sound of, so it can be hushed."""
        if len(self._queue) >= _MOST_FRAMES or self._bytes >= _MOST_BYTES:
            self.overflowed = True  # this client takes nothing: the sender will give it up
            return
        self._queue.append(_Queued(frame, sound_of))
        self._bytes += len(frame)
        self._filled.set()

    def hold(self, until: Receipt) -> None:
        """Let what is put from now on leave only when this is done."""
        if not until.done():
            self._queue.append(_Gate(until))

    def hush(self, reply: int) -> None:
        """Forget the sound of a reply that has not left yet."""
        kept = [item for item in self._queue if not _is_sound_of(item, reply)]
        if len(kept) < len(self._queue):
            self._queue = deque(kept)
            self._bytes = sum(len(item.frame) for item in kept if isinstance(item, _Queued))

    async def get(self) -> Frame:
        while True:
            while not self._queue:
                self._filled.clear()
                await self._filled.wait()
            first = self._queue[0]
            if isinstance(first, _Gate):
                await asyncio.wait([first.until])
            first = self._queue.popleft()
            if isinstance(first, _Queued):
                self._bytes -= len(first.frame)
                return first.frame


def _is_sound_of(item: _Queued | _Gate, reply: int) -> bool:
    return isinstance(item, _Queued) and item.sound_of == reply
