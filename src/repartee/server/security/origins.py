"""Which pages may come in."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.websockets import WebSocket


def origin_may_enter(socket: WebSocket, allowed: Sequence[str]) -> bool:
    """Browsers name the page's origin, and CORS does not cover WebSockets; others name none."""
    origin = socket.headers.get("origin")
    if origin is None or "*" in allowed or origin in allowed:
        return True
    host = _host_of(origin)
    return host is not None and host == socket.headers.get("host")


def _host_of(origin: str) -> str | None:
    """None where it is no address: a browser may say "null", and a stranger anything."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
