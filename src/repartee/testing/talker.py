"""A caller on `/ws` or `/call`: speaks in real time, and notes what comes back and when."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection

RATE = 16_000
FRAME = RATE // 50
_LATE_SECONDS = 0.02
AUDIBLE = 200
"""A sample louder than this can be heard."""


class Message:
    def __init__(self, raw: str | bytes) -> None:
        self.at = time.monotonic()
        self.body: dict[str, Any] = json.loads(raw)
        self.type: str = self.body["type"]

    def is_status(self, name: str) -> bool:
        return self.type == "status" and self.body["data"] == name

    def samples(self) -> npt.NDArray[np.int16]:
        return np.frombuffer(base64.b64decode(self.body["data"]), np.int16)

    def audible_at(self) -> float | None:
        """When the first sound in this frame is heard, were it played on arrival."""
        if self.type != "audio":
            return None
        loud = np.flatnonzero(np.abs(self.samples().astype(np.int32)) > AUDIBLE)
        return self.at + float(loud[0]) / 24_000 if len(loud) else None


class Talker:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.messages: list[Message] = []
        self._arrived = asyncio.Event()

    async def receive(self) -> None:
        async for raw in self._socket:
            self.messages.append(Message(raw))
            self._arrived.set()

    async def send_raw(self, frame: str | bytes) -> None:
        await self._socket.send(frame)

    async def send(self, **message: Any) -> float:
        await self._socket.send(json.dumps(message))
        return time.monotonic()

    async def play(self, samples: npt.NDArray[np.int16], speed: float = 1.0) -> float:
        """Speak in real time or faster; gives the moment when the first sample was recorded."""
        began = time.monotonic()
        for start in range(0, len(samples), FRAME):
            due = began + (start + FRAME) / RATE / speed
            await asyncio.sleep(max(due - time.monotonic(), 0))
            await self._socket.send(samples[start : start + FRAME].tobytes())
        return began

    async def hold(
        self,
        recording: Sequence[tuple[float, bytes]],
        *,
        speed: float = 1.0,
        last_is_late: bool = False,
    ) -> float:
        """Hold the button on `/call`: blobs, each with how many seconds were recorded by then.

        Recorders hand out the last one before the button is known to be let go, or after. Gives
        the moment at which it was.
        """
        began = await self.send(type="start")
        *before, (end, last) = recording
        for recorded, blob in before:
            await asyncio.sleep(max(began + recorded / speed - time.monotonic(), 0))
            await self._socket.send(blob)
        await asyncio.sleep(max(began + end / speed - time.monotonic(), 0))
        if not last_is_late:
            await self._socket.send(last)
        let_go_at = await self.send(type="stop")
        if last_is_late:
            await asyncio.sleep(_LATE_SECONDS)
            await self._socket.send(last)
        return let_go_at

    async def until(
        self, wanted: Callable[[Message], bool], since: int = 0, seconds: float = 20
    ) -> Message:
        """The first message after `since` that is wanted."""
        async with asyncio.timeout(seconds):
            while True:
                for message in self.messages[since:]:
                    if wanted(message):
                        return message
                since = len(self.messages)
                self._arrived.clear()
                await self._arrived.wait()
