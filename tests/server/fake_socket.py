"""A WebSocket whose other end is a test: what the server sends is kept, what it reads is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import inf
from typing import Any

import anyio
from starlette.types import Message
from starlette.websockets import WebSocket

from tests.calls.fakes import Trouble

Told = dict[str, Any]


class FakeSocket:
    """`frames` are what came, `farewell` the code and the reason with which it was closed.

    Every frame that is sent to this client meets its `trouble`, if it has one.
    """

    def __init__(self, trouble: Trouble | None = None) -> None:
        self.frames: list[Told] = []
        self.farewell: tuple[int, str] | None = None
        self.trouble = trouble
        self._say, self._said = anyio.create_memory_object_stream[Message](inf)
        self._more = anyio.Event()
        self._say.send_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/ws", "headers": []}
        self.server_end = WebSocket(scope, self._said.receive, self._take)

    def __enter__(self) -> FakeSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self._say.close()
        self._said.close()

    # ------------------------------------------------------------ what the client does

    def say(self, **message: Any) -> None:
        self.say_raw(json.dumps(message))

    def say_raw(self, frame: str | bytes) -> None:
        kind = "text" if isinstance(frame, str) else "bytes"
        self._say.send_nowait({"type": "websocket.receive", kind: frame})

    def leave(self) -> None:
        self._say.send_nowait({"type": "websocket.disconnect", "code": 1001})

    # ------------------------------------------------------------ what it gets

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            if self.trouble is not None:
                await self.trouble()
            self.frames.append(json.loads(message["text"]))
        elif message["type"] == "websocket.close":
            self.farewell = (message["code"], message["reason"])
        self._more.set()
        self._more = anyio.Event()

    async def until(self, wanted: Callable[[Told], bool]) -> Told:
        """The first frame that is wanted; waits until it has come."""
        seen = 0
        while True:
            for frame in self.frames[seen:]:
                seen += 1
                if wanted(frame):
                    return frame
            await self._more.wait()

    async def until_type(self, kind: str) -> Told:
        return await self.until(lambda frame: frame["type"] == kind)

    async def until_status(self, status: str) -> Told:
        return await self.until(lambda f: f["type"] == "status" and f["data"] == status)
