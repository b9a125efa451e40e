"""Counts every request and every connection, before anything is done for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from repartee.calls.refusals import LimitReached
from repartee.calls.shares import payer
from repartee.server import pages
from repartee.server.limits.allowances import Limits
from repartee.server.limits.payers import payer_of
from repartee.server.security.turning_away import tell_to_wait

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
        before = payer.set(payer_of(scope) if self._limits.counts_callers else "")
        try:
            if not _is_free(scope["path"]):
                await self._limits.spend("requests")
        except LimitReached as reached:
            await tell_to_wait(reached, scope, receive, send)
        else:
            await self._app(scope, receive, send)
        finally:
            payer.reset(before)


def _is_free(path: str) -> bool:
    return path in FREE or pages.is_part_of_a_page(path)
