"""Which pages may come in, and what a browser may do with ours."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.server import pages

_PAGE_POLICY = (
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self)",
}


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


class PageHeaders:
    """Security headers on every HTTP answer; the strict policy on those that are our page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = pages.is_part_of_a_page(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if ours:
                    headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
