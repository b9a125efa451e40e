"""A broker's door: who may come in, by which name and how often, as it is at the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI

from repartee.server.limits.allowances import Limits
from repartee.server.limits.requests import CountedRequests
from repartee.server.security.guard import Guard
from repartee.server.security.headers import PageHeaders
from repartee.server.security.hosts import Hosts
from repartee.server.security.keys import KeyRing
from repartee.server.security.starting import Door
from repartee.settings import Settings
from repartee.store.opening import visited

Kind = Literal["stt", "tts"]

DOORS: dict[Kind, Door] = {
    "stt": Door("broker", "SST_BROKER_HOST", "SST_BROKER_KEYS"),
    "tts": Door("broker", "TTS_BROKER_HOST", "TTS_BROKER_KEYS"),
}
_OPEN_TO_ALL = ("/healthz", "/openapi.json")


def in_the_servers_place(settings: Settings, kind: Kind) -> Settings:
    """The settings as if the broker were the server, so that whatever is decided by them for the
    one is decided for the other."""
    if kind == "stt":
        host, port = settings.sst_broker_host, settings.sst_broker_port
        own_keys = settings.sst_broker_keys
    else:
        host, port = settings.tts_broker_host, settings.tts_broker_port
        own_keys = settings.tts_broker_keys
    most = settings.limit_broker_requests_per_minute
    return settings.model_copy(
        update={
            "host": host,
            "port": port,
            "api_keys": (*own_keys, *settings.api_keys),
            "limit_requests_per_minute": most,
            "limits_storage": "memory",  # what was had at the server is counted there
        }
    )


@asynccontextmanager
async def guarded(app: FastAPI, settings: Settings, kind: Kind) -> AsyncIterator[None]:
    """Meanwhile the application stands behind its door."""
    as_server = in_the_servers_place(settings, kind)
    limits = Limits(as_server)
    keys = KeyRing(key.get_secret_value() for key in as_server.api_keys)
    app.add_middleware(CountedRequests, limits=limits)
    app.add_middleware(
        Guard,
        hosts=Hosts(as_server.host, as_server.trusted_hosts),
        keys=keys if as_server.asks_for_keys else None,
        open_to_all=_OPEN_TO_ALL,
        refusals=limits.refusals,
    )
    app.add_middleware(PageHeaders)
    if as_server.asks_for_keys and _has_a_database(as_server):
        async with _following(keys, as_server.database_url):
            yield
    else:
        yield


def _has_a_database(as_server: Settings) -> bool:
    """Who writes keys into the settings needs none; who names one means that it counts."""
    return "database_url" in as_server.model_fields_set or not as_server.api_keys


@asynccontextmanager
async def _following(keys: KeyRing, database_url: str) -> AsyncIterator[None]:
    async with visited(database_url) as store:
        await keys.look(store)
        following = asyncio.create_task(keys.follow(store))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait([following])
