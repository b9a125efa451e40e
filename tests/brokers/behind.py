"""A broker in front of a stand-in, and who asks it: a client without a port, or over a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from uvicorn.server import ServerState

from repartee.brokers.building import stt_broker, tts_broker
from repartee.settings import Settings

SCRIPTED = {"vad": "scripted"}


@asynccontextmanager
async def client_of(broker: AbstractAsyncContextManager[FastAPI]) -> AsyncIterator[Any]:
    async with broker as app:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


def stt(
    remote_url: str = "", engine: str | None = None, **settings: Any
) -> AbstractAsyncContextManager[FastAPI]:
    given = {**SCRIPTED, "remote_sst_url": remote_url or None, **settings}
    return stt_broker(Settings.model_validate(given), engine)


def tts(
    remote_url: str = "", engine: str | None = None, **settings: Any
) -> AbstractAsyncContextManager[FastAPI]:
    given = {"remote_tts_url": remote_url or None, **settings}
    return tts_broker(Settings.model_validate(given), engine)


def listening(*behind: Any, **settings: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return client_of(stt(*behind, **settings))


def speaking(*behind: Any, **settings: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return client_of(tts(*behind, **settings))


@asynccontextmanager
async def served(broker: AbstractAsyncContextManager[FastAPI]) -> AsyncIterator[str]:
    """The broker on a port of this machine, as its own server serves it: gives its address."""
    async with broker as app:
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        config.load()
        state = ServerState()

        def connection() -> asyncio.Protocol:
            protocol: asyncio.Protocol = config.http_protocol_class(config, state, {})  # type: ignore[call-arg]
            return protocol

        server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for open_one in tuple(state.connections):
                open_one.shutdown()
            for request in tuple(state.tasks):
                request.cancel()
            await asyncio.gather(*state.tasks, return_exceptions=True)
