"""The connections over which texts are spoken: each speaks one text at a time, and a few stay warm.

A connection that is left in the middle of a text is told to be silent in the background. It serves
again when it has confirmed that, and is closed when it doesn't.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from repartee.audio.pcm import PcmReader, Samples
from repartee.engines.live_service import LiveService, Query
from repartee.errors import EngineError, EngineFailed

PATH = "/v1/speak"
MOST_FLUSHES = 18
"""In a minute on one connection; a few more, and no sound would come."""
FLUSHES_COUNT_S = 60.0
HUSH_WITHIN_S = 2.0
MOST_WARM = 4
WARM_S = 60.0
"""How long a connection waits for its next text."""


class _Told(msgspec.Struct):
    type: str
    code: str = ""


class Mouth:
    def __init__(self, service: LiveService, query: Query, socket: ClientConnection) -> None:
        self.query = query
        self.speaking = False
        """A text was sent, and its end was not told."""
        self._service = service
        self._socket = socket
        self._flushes: deque[float] = deque(maxlen=MOST_FLUSHES)
        self._broken = False

    @property
    def ready(self) -> bool:
        """It could speak another text right now."""
        flushes, now = self._flushes, asyncio.get_running_loop().time()
        tired = len(flushes) == MOST_FLUSHES and now - flushes[0] < FLUSHES_COUNT_S
        return not tired and not self.speaking and self.lasting

    @property
    def lasting(self) -> bool:
        return not self._broken and self._socket.state is State.OPEN

    async def say(self, text: str) -> AsyncGenerator[Samples]:
        """The sound of this text, as it is made."""
        pcm = PcmReader()
        self.speaking = True
        self._flushes.append(asyncio.get_running_loop().time())
        await self._send({"type": "Speak", "text": text})
        await self._send({"type": "Flush"})
        while self.speaking:
            message = await self._next(self._service.timeout)
            if isinstance(message, bytes):
                if len(samples := pcm.take(message)):
                    yield samples
                continue
            match message.type:
                case "Flushed":
                    self.speaking = False
                case "Warning" | "Error":  # there is no telling what will come now, if anything
                    raise self._fault(self._service.trouble(message.code))

    async def hush(self) -> None:
        """Stop what is being spoken. Sound that is under way is thrown away."""
        try:
            await self._send({"type": "Clear"})
            async with asyncio.timeout(HUSH_WITHIN_S):
                while self.speaking:
                    message = await self._next(HUSH_WITHIN_S)
                    self.speaking = isinstance(message, bytes) or message.type != "Cleared"
        except (EngineError, TimeoutError):
            self._broken = True

    async def close(self) -> None:
        await self._socket.close()

    async def _send(self, message: dict[str, str]) -> None:
        try:
            await self._socket.send(msgspec.json.encode(message), text=True)
        except ConnectionClosed as closed:
            raise self._fault(self._service.explain(closed)) from closed

    async def _next(self, within_s: float) -> bytes | _Told:
        try:
            async with asyncio.timeout(within_s):
                message = await self._socket.recv()
        except TimeoutError as slow:
            raise self._fault(self._service.slow()) from slow
        except ConnectionClosed as closed:
            raise self._fault(self._service.explain(closed)) from closed
        if isinstance(message, bytes):
            return message
        try:
            return self._service.read(message, _Told)
        except EngineError as nonsense:
            raise self._fault(nonsense) from nonsense.__cause__

    def _fault(self, failure: EngineError) -> EngineError:
        self._broken = True
        return failure


class Mouths:
    """Every connection to the service, in use or waiting to be used again."""

    def __init__(self, service: LiveService) -> None:
        self._service = service
        self._warm: dict[Mouth, asyncio.TimerHandle] = {}
        self._busy: set[Mouth] = set()
        self._chores: set[asyncio.Task[None]] = set()
        self._open = False

    def __repr__(self) -> str:
        return f"<{len(self._busy)} connections speaking, {len(self._warm)} warm>"

    def open(self) -> None:
        self._open = True

    async def take(self, query: Query) -> Mouth:
        """A connection with this voice, to be given back."""
        if not self._open:
            raise EngineFailed(f"The engine that speaks by {self._service.name} is not open.")
        for mouth in self._warm:
            if mouth.query == query and mouth.ready:
                self._warm.pop(mouth).cancel()
                self._busy.add(mouth)
                return mouth
        mouth = Mouth(self._service, query, await self._service.connect(PATH, query))
        self._busy.add(mouth)
        return mouth

    def give_back(self, mouth: Mouth) -> None:
        """Never waits: what is left to do is done in the background."""
        self._busy.discard(mouth)
        if mouth.speaking and mouth.lasting:
            self._do(self._hush(mouth))
        else:
            self._keep(mouth)

    async def close(self) -> None:
        self._open = False
        for mouth in tuple(self._warm):
            self._cool(mouth)
        for mouth in self._busy:
            self._do(mouth.close())
        await self.settled()

    async def settled(self) -> None:
        """Everything that was left to do in the background is done."""
        while self._chores:
            await asyncio.wait(self._chores)

    async def _hush(self, mouth: Mouth) -> None:
        await mouth.hush()
        self._keep(mouth)

    def _keep(self, mouth: Mouth) -> None:
        if not (mouth.lasting and self._open):
            self._do(mouth.close())
            return
        self._warm[mouth] = asyncio.get_running_loop().call_later(WARM_S, self._cool, mouth)
        if len(self._warm) > MOST_WARM:
            self._cool(next(iter(self._warm)))

    def _cool(self, mouth: Mouth) -> None:
        self._warm.pop(mouth).cancel()
        self._do(mouth.close())

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
