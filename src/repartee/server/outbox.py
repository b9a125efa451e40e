"""What is on its way to one client: in order, bounded, and free of what was hushed."""

from __future__ import annotations

import asyncio
from collections import deque

from repartee.dialects.protocol import Frame

_MOST_FRAMES = 4_096
_MOST_BYTES = 32 * 1024 * 1024


class Outbox:
    def __init__(self) -> None:
        self._frames: deque[tuple[Frame, int | None]] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame, sound_of: int | None = None) -> None:
        """Queue a frame; `sound_of` names the reply that it is sound of, so it can be hushed."""
        if len(self._frames) >= _MOST_FRAMES or self._bytes >= _MOST_BYTES:
            self.overflowed = True  # this client takes nothing: the sender will give it up
            return
        self._frames.append((frame, sound_of))
        self._bytes += len(frame)
        self._filled.set()

    def hush(self, reply: int) -> None:
        """Forget the sound of a reply that has not left yet."""
        if any(sound_of == reply for _, sound_of in self._frames):
            self._frames = deque(item for item in self._frames if item[1] != reply)
            self._bytes = sum(len(frame) for frame, _ in self._frames)

    async def get(self) -> Frame:
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
        frame, _ = self._frames.popleft()
        self._bytes -= len(frame)
        return frame
