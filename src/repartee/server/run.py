"""From settings to a running server, and down again with manners."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from functools import partial
from math import ceil
from typing import Any

import anyio
import uvicorn

from repartee.errors import ReparteeError
from repartee.server.app import build_app
from repartee.server.encrypted import EncryptedListener
from repartee.server.file_handles import make_room
from repartee.server.house import House
from repartee.server.limits.connections import connections
from repartee.server.opening import opened_house
from repartee.server.security.starting import check_certificate, check_who_may_come
from repartee.settings import Settings

log = logging.getLogger(__name__)

_TRANSPORT_FACTOR = 4
"""The transport takes this many times the longest message, so that one too long gets an answer
instead of a dead line."""
_TOLD_WITHIN_SECONDS = 1.0
"""When the server must end at once, for telling everybody that it does."""


class PoliteServer(uvicorn.Server):
    """uvicorn, except that a signal first lets the calls end; a second one ends it at once."""

    def __init__(self, config: uvicorn.Config, house: House, open_browser: bool) -> None:
        super().__init__(config)
        self._house = house
        self._open_browser = open_browser
        self._leaving: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            # What is left to be closed and written has bounds of its own, and is done all the same.
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, log.info, "The server is about to be gone.")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, but that encryption, too, has to come about in time."""
        settings = self._house.settings
        make_room(_most_lines(self._house))
        try:
            listener = await self._listen(settings)
        except OSError as trouble:
            raise ReparteeError(
                f"The server could not listen on {settings.host}:{settings.port}.",
                hint="Another program may use that port: choose one with --port.",
            ) from trouble
        self.servers = [listener]  # type: ignore[list-item]  # it is closed like one of theirs
        self.started = True
        url = page_url(settings)
        log.info("Ready: open %s and talk.", url)
        if self._open_browser:
            _open_page(url)

    async def _listen(self, settings: Settings) -> asyncio.Server | EncryptedListener:
        host, port, backlog = settings.host, settings.port, self.config.backlog
        if self.config.ssl is None:
            loop = asyncio.get_running_loop()
            return await loop.create_server(self._new_line, host, port, backlog=backlog)
        listener = EncryptedListener(
            self._new_line, self.config.ssl, settings.head_seconds, connections(settings)
        )
        await listener.listen(host, port, backlog)
        return listener

    def _new_line(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(
            config=self.config, server_state=self.server_state, app_state={}
        )  # type: ignore[call-arg]  # it is a protocol of uvicorn's
        return made

    def _leave(self) -> None:
        if self._leaving is None:
            log.info("Shutting down: what is being answered may be answered to its end.")
            self._leaving = asyncio.create_task(self._drain_and_exit())
        elif not self.force_exit:
            log.info("Shutting down at once: everybody is told.")
            self.force_exit = True
            self._leaving.cancel()
            self._leaving = asyncio.create_task(self._tell_and_exit())

    async def _drain_and_exit(self) -> None:
        await self._house.drain()
        self.should_exit = True

    async def _tell_and_exit(self) -> None:
        with anyio.move_on_after(_TOLD_WITHIN_SECONDS):
            await self._house.drain(0)
        self.should_exit = True


def serve(settings: Settings, open_browser: bool = False) -> None:
    """Run until told to stop."""
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        runner.run(_serve(settings, open_browser))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop where it exists: half the CPU per message."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


async def _serve(settings: Settings, open_browser: bool) -> None:
    check_certificate(settings)
    await check_who_may_come(settings)
    async with opened_house(settings) as house:
        server = PoliteServer(_uvicorn_config(house), house, open_browser)
        await server.serve()


def _uvicorn_config(house: House) -> uvicorn.Config:
    settings = house.settings
    http, ws = _protocols(house)
    return uvicorn.Config(
        build_app(house),
        host=settings.host,
        port=settings.port,
        http=http,
        ws=ws,
        ws_per_message_deflate=False,
        ws_max_size=settings.max_frame_bytes * _TRANSPORT_FACTOR,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_keep_alive=ceil(settings.head_seconds),  # where lines are not ours
        timeout_graceful_shutdown=2,
        lifespan="off",  # what is opened and closed is above; nobody else wants to hear of it
        log_config=None,
        access_log=settings.debug,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
    )


def _protocols(house: House) -> tuple[Any, Any]:
    """What makes lines and WebSockets of connections, where those of uvicorn can be bounded."""
    if sys.platform == "win32":  # there is no httptools
        return "auto", "websockets-sansio"
    from repartee.server.lines import HttpLine, Patience
    from repartee.server.socket_lines import SocketLine

    settings, known = house.settings, house.limits.connections
    patience = Patience(settings.head_seconds, settings.body_seconds)
    return partial(HttpLine, known, patience), partial(SocketLine, known)


def _most_lines(house: House) -> int:
    """Those that are not encrypted yet are counted apart from the others."""
    most = house.limits.connections.most
    return 2 * most if house.settings.tls_cert else most


def page_url(settings: Settings) -> str:
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{settings.port}/"


def _open_page(url: str) -> None:
    """In a thread of its own: some systems wait until the browser is there."""
    if _has_screen():
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _has_screen() -> bool:
    """A browser in a terminal would take over the terminal in which the server runs."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
