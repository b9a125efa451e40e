"""Counts every request and every connection, before anything is done for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.calls.refusals import LimitReached
from repartee.server import pages
from repartee.server.farewells import TRY_AGAIN_LATER, close_reason
from repartee.server.limits.allowances import Limits
from repartee.server.limits.payers import payer, payer_of
from repartee.server.problems import answer_to
from repartee.server.security.credentials import subprotocol_for

FREE = ("/health", "/ready", "/metrics")
"""Beside the files of the pages: what those ask who look after the server."""


class CountedRequests:
    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        before = payer.set(payer_of(scope))
        try:
            if not _is_free(scope["path"]):
                await self._limits.spend("requests")
        except LimitReached as reached:
            await _refuse(reached, scope, receive, send)
        else:
            await self._app(scope, receive, send)
        finally:
            payer.reset(before)


async def _refuse(reached: LimitReached, scope: Scope, receive: Receive, send: Send) -> None:
    """A browser can't read why no connection was made, so it is made and closed."""
    if scope["type"] == "http":
        await answer_to(reached)(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    if "origin" in socket.headers:
        await socket.accept(subprotocol_for(socket))
        await socket.close(TRY_AGAIN_LATER, close_reason(reached))
    else:
        await socket.send_denial_response(answer_to(reached))


def _is_free(path: str) -> bool:
    return path in FREE or pages.is_part_of_a_page(path)
