"""One connection to the stand-in for Deepgram: what came over it, and how it is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qs

from websockets.asyncio.server import ServerConnection

from repartee.audio.pcm import SAMPLE_BYTES


class Dropped(Exception):
    """The connection was cut on purpose."""


class Manners(Protocol):
    """The switches that bear on answers, and who is told of news."""

    hang: bool
    nonsense: bool
    deaf: bool
    drop_after: int | None
    delay: Callable[[], Awaitable[None]] | None

    def changed(self) -> None: ...


class Visit:
    """`messages` are the texts that came, `samples` counts the sound; `over`: it is closed."""

    def __init__(self, standin: Manners, socket: ServerConnection, url: SplitResult) -> None:
        self.path = url.path
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.messages: list[dict[str, Any]] = []
        self.samples = 0
        self.sent_samples = 0
        """Sound that went out."""
        self.over = False
        self._standin = standin
        self._socket = socket
        self._goodbye: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        state = "over" if self.over else "open"
        return f"<Visit to {self.path}, {state}: {self.samples} samples, {self.types}>"

    @property
    def types(self) -> list[str]:
        """The types of the texts that came."""
        return [str(message.get("type")) for message in self.messages]

    @property
    def close_code(self) -> int | None:
        return self._socket.close_code

    def note(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.samples += len(message) // SAMPLE_BYTES
        else:
            self.messages.append(json.loads(message))
        self._standin.changed()

    async def say(self, message: dict[str, Any] | bytes) -> None:
        if self._standin.hang:
            return
        if self._standin.delay:
            await self._standin.delay()
        if isinstance(message, bytes):
            await self._socket.send(message)
            self.sent_samples += len(message) // SAMPLE_BYTES
            self._standin.changed()
        else:
            await self._socket.send("<html>" if self._standin.nonsense else json.dumps(message))

    def end(self, code: int, reason: str = "") -> None:
        """Close the connection with this code; it goes on in the background."""
        self._goodbye = asyncio.create_task(self._socket.close(code, reason))

    async def ended(self) -> None:
        """A close that was begun is over."""
        if self._goodbye:
            await self._goodbye

    def cut(self) -> None:
        """Break off without a word."""
        self._socket.transport.abort()
