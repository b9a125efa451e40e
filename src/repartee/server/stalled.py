"""Gives up on clients who take nothing of their answer, whatever it is."""

from __future__ import annotations

import logging

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

TAKEN_WITHIN_SECONDS = 120.0
"""Each piece of an answer. Some answers have less patience of their own."""


class StalledClients:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stalled = False

        async def send_in_time(message: Message) -> None:
            nonlocal stalled
            with anyio.move_on_after(TAKEN_WITHIN_SECONDS) as patience:
                await send(message)
            if patience.cancelled_caught:
                stalled = True
                raise OSError("The client takes nothing.")

        try:
            await self._app(scope, receive, send_in_time)
        except Exception:
            if not stalled:
                raise
            log.info("A client no longer takes what it is sent.")
