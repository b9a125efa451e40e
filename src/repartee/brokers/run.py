"""A broker at work: it listens until it is told to stop, and lets what is under way end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from repartee.brokers.building import stt_broker, tts_broker
from repartee.brokers.door import DOORS, Kind, in_the_servers_place
from repartee.errors import ReparteeError
from repartee.server.limits.connections import connections
from repartee.server.security.starting import check_certificate, check_who_may_come
from repartee.settings import Settings
from repartee.settings.security import is_loopback

log = logging.getLogger(__name__)

_ENDING_SECONDS = 10


class BrokerServer(uvicorn.Server):
    """uvicorn, except that a signal ends it and not the whole process in mid-sentence."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _leave(self) -> None:
        """The first lets requests end, the second does not."""
        self.force_exit = self.should_exit
        self.should_exit = True


_BROKERS: dict[Kind, Callable[[Settings, str | None], AbstractAsyncContextManager[FastAPI]]] = {
    "stt": stt_broker,
    "tts": tts_broker,
}


def run_broker(kind: Kind, settings: Settings, engine: str | None) -> None:
    """Run until told to stop; it forwards unless it has an engine of its own."""
    asyncio.run(_serve(kind, settings, engine))


async def _serve(kind: Kind, settings: Settings, engine: str | None) -> None:
    as_server = in_the_servers_place(settings, kind)
    check_certificate(as_server)
    await check_who_may_come(as_server, DOORS[kind])
    host, port = as_server.host, as_server.port
    async with _BROKERS[kind](settings, engine) as app:
        server = BrokerServer(_uvicorn_config(app, as_server))
        log.info("%s listens on %s.", app.title, where_it_listens(as_server))
        try:
            await server.serve()
        except SystemExit:  # its way of saying that the port is taken
            log.debug("The broker's server gave up.")
        if not server.started:
            raise ReparteeError(
                f"The broker could not listen on {host}:{port}.",
                hint="Another program may use that port: choose one with --port.",
            )


def _uvicorn_config(app: FastAPI, as_server: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=as_server.host,
        port=as_server.port,
        http=_lines(as_server),
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_ENDING_SECONDS,
        log_config=None,
        access_log=as_server.debug,
        ssl_certfile=as_server.tls_cert,
        ssl_keyfile=as_server.tls_key,
        proxy_headers=bool(as_server.trusted_proxies),
        forwarded_allow_ips=list(as_server.trusted_proxies),
        server_header=False,
    )


def _lines(as_server: Settings) -> Any:
    """What makes lines of connections, where those of uvicorn can be bounded."""
    if sys.platform == "win32":  # there is no httptools
        return "auto"
    from repartee.server.lines import HttpLine, Patience

    patience = Patience(as_server.head_seconds, as_server.body_seconds)
    return partial(HttpLine, connections(as_server), patience)


def where_it_listens(as_server: Settings) -> str:
    """And to whom: so that nobody looks for long why another machine does not reach it, or why
    somebody is not let in."""
    way = "https" if as_server.tls_cert else "http"
    asked = "asks for a key" if as_server.asks_for_keys else "lets everybody in"
    told = f"{way}://{as_server.host}:{as_server.port} and {asked}"
    if is_loopback(as_server.host):
        return f"{told} on this machine; --host 0.0.0.0 and a key let others in"
    return told
