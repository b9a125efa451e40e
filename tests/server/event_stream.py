"""A client of server-sent events, at the other end of the real application: it can also leave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from starlette.types import Message

from repartee.server.app import build_app
from repartee.server.house import House

Event = dict[str, Any]


class Listening:
    """`events` are those that came; `over` is set when the application has done its part."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.status = 0
        self.headers: dict[str, str] = {}
        self.over = anyio.Event()
        self.takes = anyio.Event()
        """Unless this is set, whatever is sent to this client waits."""
        self.takes.set()
        self._gone = anyio.Event()
        self._more = anyio.Event()

    def leave(self) -> None:
        self._gone.set()

    async def until(self, kind: str) -> Event:
        """The first event of this kind; waits until it has come."""
        while True:
            for event in self.events:
                if event["type"] == kind:
                    return event
            assert not self.over.is_set(), f"it ended without {kind}: {self.kinds}"
            await self._more.wait()

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        elif body := message["body"].decode():
            self.events.append(json.loads(body.removeprefix("data: ")))
        self._wake()

    def _wake(self) -> None:
        self._more.set()
        self._more = anyio.Event()

    def end(self) -> None:
        self.over.set()
        self._wake()


@asynccontextmanager
async def listening(house: House, path: str) -> AsyncIterator[Listening]:
    """Connected until this is left."""
    client, app = Listening(), build_app(house)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "server": ("test", 80),
        "client": ("test", 1),
    }

    async def serve() -> None:
        await app(scope, client.receive, client.send)
        client.end()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        yield client
        client.leave()
        client.takes.set()
        await client.over.wait()
