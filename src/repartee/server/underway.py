"""Requests that are being worked on, and what becomes of them and of new ones when the server goes.

What was begun may come to its end. Whoever comes after that is refused, as a caller would be, and
what is not done in time is told so, instead of a line that just breaks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.calls.refusals import TryLater
from repartee.calls.roster import Roster
from repartee.server.problems import answer_to

log = logging.getLogger(__name__)

_NO_WORK = ("/tokens", "/clear", "/clear_history")
"""What is asked with POST and is done in a moment."""


class Underway:
    """Those that are being worked on just now."""

    def __init__(self) -> None:
        self._bounds: set[asyncio.Timeout] = set()

    def __repr__(self) -> str:
        return f"<Underway {len(self)}>"

    def __len__(self) -> int:
        return len(self._bounds)

    @contextmanager
    def counted(self, bound: asyncio.Timeout) -> Iterator[None]:
        self._bounds.add(bound)
        try:
            yield
        finally:
            self._bounds.discard(bound)

    def cut_off(self) -> None:
        """There is no more time for any of them."""
        for bound in self._bounds:
            if bound.when() is None:
                bound.reschedule(asyncio.get_running_loop().time())


class WorkOverHttp:
    """Lets work in unless the server goes. An answer that was promised is still given then."""

    def __init__(self, app: ASGIApp, roster: Roster, underway: Underway) -> None:
        self._app = app
        self._roster = roster
        self._underway = underway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begins = _begins_work(scope)
        if not (begins or _takes_an_answer(scope)):
            await self._app(scope, receive, send)
            return
        try:
            if begins:
                self._roster.check_open()
        except TryLater as refusal:
            await answer_to(refusal)(scope, receive, send)
        else:
            await self._work(scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def noting(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            async with asyncio.timeout(None) as bound:
                with self._underway.counted(bound):
                    await self._app(scope, receive, noting)
        except TimeoutError:
            if not bound.expired():
                raise
            if began:
                log.warning("An answer was cut off by the end of the server.")
                return
            sentence = "The server is shutting down, and there was no time to finish this."
            refusal = TryLater(sentence, self._roster.back_in_seconds)
            await answer_to(refusal)(scope, receive, send)


def _begins_work(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and scope["path"] not in _NO_WORK


def _takes_an_answer(scope: Scope) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith("/stream/")
