"""A whole server without its port: scripted engines, a database in memory or in a file.

Requests go through the real application; calls come over a socket whose other end is a test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx

from repartee.calls.decoding import DecodingRoom
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.engines.build import Engines
from repartee.server.app import build_app
from repartee.server.house import House, build_house
from repartee.server.pump import Connection
from repartee.settings import Settings
from repartee.store.keeper import keeping
from repartee.store.opening import opened
from tests.calls.line import scripted
from tests.server.fake_socket import FakeSocket


@asynccontextmanager
async def open_house(
    url: str = "sqlite:///:memory:", *, engines: Engines | None = None, **settings: Any
) -> AsyncIterator[House]:
    decoding = DecodingRoom()
    try:
        async with opened(url) as store, keeping(store) as keeper:
            house = build_house(
                Settings(**settings), engines or scripted(), decoding, store, keeper
            )
            try:
                yield house
            finally:
                await house.visitors.close()
    finally:
        await decoding.close()


@asynccontextmanager
async def asking(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """As a server would, the application also answers when something breaks in it."""
    transport = httpx.ASGITransport(build_app(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@asynccontextmanager
async def on_the_phone(house: House, dialect: Dialect | None = None) -> AsyncIterator[FakeSocket]:
    """A client that is connected until this is left; then its call is over."""
    with FakeSocket() as socket:
        over = anyio.Event()

        async def serve() -> None:
            await Connection(socket.server_end, dialect or WsDialect(), house).run()
            over.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            yield socket
            socket.leave()
            await over.wait()
