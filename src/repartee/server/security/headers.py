"""What a browser may do with what it gets from us."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.server import pages
from repartee.server.security.hosts import is_plain_host, is_this_machine

_PAGE_POLICY = (
    "default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; form-action 'none'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self)",
}


class PageHeaders:
    """Security headers on every HTTP answer; the strict policy on those that are our page."""

    def __init__(self, app: ASGIApp, hsts_days: int = 0) -> None:
        self._app = app
        self._only_encrypted = f"max-age={hsts_days * 86_400}" if hsts_days else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours, host = pages.is_part_of_a_page(scope["path"]), Headers(scope=scope).get("host", "")
        policy = _policy_for(host) if ours else ""
        encrypted = scope.get("scheme") == "https" and not is_this_machine(host)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if encrypted and self._only_encrypted:
                    headers.setdefault("Strict-Transport-Security", self._only_encrypted)
                if ours:
                    headers.setdefault("Content-Security-Policy", policy)
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _policy_for(host: str) -> str:
    """Not every browser takes the sockets of a host for a part of it, so they are named."""
    sockets = f" ws://{host} wss://{host}" if is_plain_host(host) else ""
    return _PAGE_POLICY.format(sockets=sockets)
