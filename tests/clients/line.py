"""A WebSocket as a page opens it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Origin

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Talker
from tests.clients.pages import PAGE_ON_PORT_3000


class Page(Talker):
    async def closed(self) -> int | None:
        """Waits until the server has hung up, and says with which code."""
        async with asyncio.timeout(10):
            await self._socket.wait_closed()
        return self._socket.close_code


@asynccontextmanager
async def connected(
    server: ServerProcess, path: str, origin: str = PAGE_ON_PORT_3000
) -> AsyncIterator[Page]:
    url = server.socket_at(path)
    async with connect(url, origin=Origin(origin), max_size=None) as socket:
        page = Page(socket)
        receiving = asyncio.create_task(page.receive())
        try:
            yield page
        finally:
            receiving.cancel()


def bodies(talker: Talker, kind: str | None = None, since: int = 0) -> list[dict[str, Any]]:
    """What came, all of it or one type."""
    return [one.body for one in talker.messages[since:] if kind in (None, one.type)]


def kinds(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The types in their order, repetitions told once."""
    told: list[str] = []
    for message in messages:
        if told[-1:] != [message["type"]]:
            told.append(message["type"])
    return told
