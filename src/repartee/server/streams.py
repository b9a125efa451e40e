"""Answers that are streamed: they end their work however they end, and wait for nobody for ever."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_TAKEN_WITHIN_SECONDS = 60.0
"""Whoever takes nothing for so long is gone."""
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events. When the client leaves, they are closed at once, and `leave` is called,
    even if there was no time for the first of them."""

    def __init__(self, events: AsyncGenerator[str], leave: Callable[[], None]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._events = events
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(_TAKEN_WITHIN_SECONDS):
                await send(message)

        try:
            async with aclosing(self._events):
                await super().__call__(scope, receive, send_in_time)
        except (ClientDisconnect, TimeoutError):
            log.info("A client no longer takes the events that it is sent.")
        finally:
            self._leave()
