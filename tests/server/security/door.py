"""An application and those who come to its door: with requests, and with WebSockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, WebSocketRoute
from starlette.types import Message

KEY = "a-key-of-the-settings"
OTHER_KEY = "another-key-of-them"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
WITH_OTHER_KEY = {"X-API-Key": OTHER_KEY}
PAGE = "http://localhost:3000"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Way(msgspec.Struct, frozen=True):
    """A way into the application."""

    method: str
    path: str


def ways_into(app: FastAPI) -> Iterator[Way]:
    """All that there are, read from the application itself."""
    for found in iter_route_contexts(app.routes):
        route = found.original_route
        path = str(found.path).format_map(_Anything())
        if isinstance(route, WebSocketRoute):
            yield Way("WS", path)
        elif isinstance(route, Mount):
            yield from (Way(method, f"{path}/index.html") for method in METHODS)
        else:
            yield from (Way(method, path) for method in METHODS)


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "6f2c1d8e-3b0a-4e55-9c1f-2a7d90b4e613"


class Met(msgspec.Struct, frozen=True):
    """What became of a WebSocket: it was denied with a status, or accepted and closed."""

    status: int
    headers: dict[str, str] = {}
    body: Any = None
    protocol: str | None = None
    code: int | None = None
    reason: str = ""


async def knock(
    app: FastAPI,
    path: str,
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    protocols: tuple[str, ...] = (),
) -> Met:
    """Connect, and leave as soon as one is let in."""
    said: list[Message] = []
    coming = iter([{"type": "websocket.connect"}])

    async def receive() -> Message:
        return next(coming, {"type": "websocket.disconnect", "code": 1001})

    async def send(message: Message) -> None:
        said.append(message)

    given = {"Host": "localhost", **(headers or {})}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "scheme": "ws",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "subprotocols": list(protocols),
        "extensions": {"websocket.http.response": {}},
    }
    await app(scope, receive, send)
    first = said[0]
    if first["type"] == "websocket.http.response.start":
        told = {name.decode(): value.decode() for name, value in first["headers"]}
        return Met(first["status"], told, json.loads(said[1]["body"]))
    assert first["type"] == "websocket.accept"
    end = next((message for message in said if message["type"] == "websocket.close"), {})
    return Met(101, {}, None, first.get("subprotocol"), end.get("code"), end.get("reason", ""))
