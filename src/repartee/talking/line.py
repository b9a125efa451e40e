"""The connection to the server. One that was there once comes back by itself."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Literal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from repartee.errors import ReparteeError
from repartee.talking import wire

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 5.0
MOST_WAITING = 100
"""Frames that may wait to be sent: two seconds of speech. Older words are of no use."""
_OPEN_SECONDS = 10.0
_KEY_NEEDED = 401
_LONGEST_MESSAGE = 32 << 20
"""A typed reply's phrases are whole files; none is longer than some minutes."""

State = Literal["connecting", "open", "waiting"]


def wait_seconds(failures: int, chance: float) -> float:
    """Before the next try: twice as long each time, and not the same for everybody."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * (1 << min(failures, 16)))
    return longest * (0.5 + chance / 2)


async def _frames(socket: ClientConnection) -> AsyncGenerator[str | bytes]:
    """All that comes, until the line is dead, for whatever reason."""
    with suppress(ConnectionClosed):
        async for frame in socket:
            yield frame


class Line:
    def __init__(
        self,
        url: str,
        told: Callable[[wire.Said], None],
        became: Callable[[State], None],
        *,
        key: str = "",
        comes_back: bool = True,
    ) -> None:
        """`key` is for a server that asks for one."""
        self._url = url
        self._shown = {"Authorization": f"Bearer {key}"} if key else {}
        self._told = told
        self._became = became
        self._comes_back = comes_back
        self._met = False
        self._failures = 0
        self._waiting: deque[str | bytes] | None = None
        """None as long as there is nobody to send it to."""
        self._more = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Line {self._url} {'open' if self._waiting is not None else 'closed'}>"

    async def run(self) -> None:
        """Stay connected until this is cancelled; an error if there is no server."""
        while True:
            self._became("connecting")
            try:
                async with connect(
                    self._url,
                    compression=None,
                    max_size=_LONGEST_MESSAGE,
                    open_timeout=_OPEN_SECONDS,
                    user_agent_header="repartee talk",
                    additional_headers=self._shown,
                ) as socket:
                    await self._serve(socket)
                if not self._met:
                    raise self._hung_up()
            except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as lost:
                if not self._met:
                    raise self._nobody(lost) from None
            if not self._comes_back:
                raise ReparteeError("The server went away in the middle of the conversation.")
            self._became("waiting")
            await asyncio.sleep(wait_seconds(self._failures, random.random()))
            self._failures += 1

    def send(self, message: str) -> None:
        """Where there is no connection, or one that takes nothing, it is left out."""
        if self._waiting is not None and len(self._waiting) < 2 * MOST_WAITING:
            self._waiting.append(message)
            self._more.set()

    def send_sound(self, pcm: bytes) -> bool:
        """Whether there was room for it."""
        if self._waiting is None or len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting.append(pcm)
        self._more.set()
        return True

    async def _serve(self, socket: ClientConnection) -> None:
        sending = asyncio.create_task(self._send(socket))
        try:
            async for frame in _frames(socket):
                said = wire.parse(frame)
                if isinstance(said, wire.Connected):
                    self._begin()
                if said is not None:
                    self._told(said)
        finally:
            self._waiting = None
            sending.cancel()
            await asyncio.wait([sending])

    def _begin(self) -> None:
        self._met = True
        self._failures = 0
        self._waiting = deque()
        self._more.set()
        self._became("open")

    async def _send(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._more.wait()
                self._more.clear()
                while self._waiting:
                    await socket.send(self._waiting.popleft())

    def _hung_up(self) -> ReparteeError:
        return ReparteeError(
            f"The server at {self._url} hung up at once.", hint="It may have no room; try again."
        )

    def _nobody(self, why: Exception) -> ReparteeError:
        if isinstance(why, InvalidStatus) and why.response.status_code == _KEY_NEEDED:
            return ReparteeError(
                f"The server at {self._url} asks for a key.",
                hint="Ask whoever runs it for one, and set REPARTEE_KEY."
                if not self._shown
                else "The one in REPARTEE_KEY is not known there.",
            )
        if isinstance(why, InvalidHandshake):
            return ReparteeError(
                f"What answers at {self._url} is no Repartee, or does not let us in.",
                hint="Name another address with --url.",
            )
        return ReparteeError(
            f"No server answers at {self._url}.",
            hint="Start one with: repartee serve (or name another with --url).",
        )
