"""A client that posts something, looks at the answer while it comes, and may leave before."""

from __future__ import annotations

import json
from typing import Any

import anyio
from starlette.types import Message

from repartee.server.app import build_app
from repartee.server.house import House


class Streamed:
    """A request whose answer is looked at while it comes, over the application's own interface."""

    def __init__(self, house: House, path: str, body: Any, query: str = "") -> None:
        """`body` is sent as JSON, unless it is a recording."""
        is_sound = isinstance(body, bytes)
        kind = b"audio/wav" if is_sound else b"application/json"
        self._app = build_app(house)
        self._body = body if is_sound else json.dumps(body).encode()
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"content-type", kind), (b"host", b"localhost")],
            "server": ("localhost", 80),
            "client": ("test", 1),
            "scheme": "http",
        }
        self.came = b""
        self.complete = False
        self._more = anyio.Event()
        self._left = anyio.Event()
        self._asked = False

    async def run(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    def leave(self) -> None:
        self._left.set()

    async def until(self, size: int) -> None:
        while len(self.came) < size:
            await self._more.wait()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.came += message.get("body", b"")
            self.complete = not message.get("more_body", False)
            self._more.set()
            self._more = anyio.Event()
