"""A broker's door: who may come in, by which name and how often, as it is at the server's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Literal

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from repartee.calls.shares import payer
from repartee.server.beside import beside, lasting
from repartee.server.limits.allowances import Limits
from repartee.server.limits.requests import CountedRequests
from repartee.server.security.guard import Guard
from repartee.server.security.headers import PageHeaders
from repartee.server.security.hosts import Hosts
from repartee.server.security.keys import KeyRing
from repartee.server.security.starting import Door
from repartee.settings import Settings
from repartee.settings.security import is_loopback
from repartee.store.opening import visited

Kind = Literal["stt", "tts"]

_NAMES: dict[Kind, str] = {"stt": "SST_BROKER", "tts": "TTS_BROKER"}
"""How the settings of a broker begin."""
DOORS: dict[Kind, Door] = {
    kind: Door("broker", f"{name}_HOST", f"{name}_KEYS", f"{name}_ALLOW_STRANGERS")
    for kind, name in _NAMES.items()
}
_OPEN_TO_ALL = ("/healthz", "/openapi.json")


def in_the_servers_place(settings: Settings, kind: Kind) -> Settings:
    """The settings as if the broker were the server, so that whatever is decided by them for the
    one is decided for the other. Both may read the same ones: who lets strangers come to the server
    has not said so of the broker, nor the other way round."""
    if kind == "stt":
        host, port = settings.sst_broker_host, settings.sst_broker_port
        own_keys, strangers = settings.sst_broker_keys, settings.sst_broker_allow_strangers
    else:
        host, port = settings.tts_broker_host, settings.tts_broker_port
        own_keys, strangers = settings.tts_broker_keys, settings.tts_broker_allow_strangers
    changes: dict[str, Any] = {
        "host": host,
        "port": port,
        "api_keys": () if strangers else (*own_keys, *settings.api_keys),
        "require_keys": settings.require_keys and not strangers,
        "allow_strangers": strangers,
        "limit_requests_per_minute": settings.limit_broker_requests_per_minute,
        "limits_storage": "memory",  # what was had at the server is counted there
    }
    if is_loopback(host):  # the certificate is for a name by which nobody asks here
        changes |= {"tls_cert": None, "tls_key": None}
    return settings.model_copy(update=changes)


class WithoutShares:
    """Whoever asks a broker is mostly one server, and by one key, for all of its own callers: if it
    had a share of the places, half of them would always be empty."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        payer.set("")
        await self._app(scope, receive, send)


@asynccontextmanager
async def guarded(app: FastAPI, settings: Settings, kind: Kind) -> AsyncIterator[None]:
    """Meanwhile the application stands behind its door."""
    as_server = in_the_servers_place(settings, kind)
    limits = Limits(as_server)
    keys = KeyRing(key.get_secret_value() for key in as_server.api_keys)
    app.add_middleware(WithoutShares)
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
        async with beside(lasting("Following the keys", partial(keys.follow, store))):
            yield
