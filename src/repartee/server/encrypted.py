"""Listens for lines that are encrypted, and counts them before they are.

An event loop that does it all by itself hands a line over when it is encrypted. Whoever only
connects has a file handle by then, and it would be counted nowhere.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from repartee.calls.refusals import TryLater
from repartee.server.limits.connections import Connections

log = logging.getLogger(__name__)

_AGAIN_AFTER_SECONDS = 0.1
"""Where nothing can be accepted, because no file handle is left."""


class EncryptedListener:
    def __init__(
        self,
        new_line: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        patience_s: float,
        handshakes: Connections,
    ) -> None:
        """`handshakes` counts the lines that have yet to agree on how to encrypt."""
        self._new_line = new_line
        self._context = context
        self._patience_s = patience_s
        self._handshakes = handshakes
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int, backlog: int) -> None:
        """On each address that the host has; `OSError` where that can't be."""
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        try:
            for family, address in dict.fromkeys((family, where) for family, *_, where in found):
                listening = socket.create_server(address, family=family, backlog=backlog)
                self._sockets.append(listening)
                listening.setblocking(False)
        except OSError:
            self.close()
            raise
        for listening in self._sockets:
            self._begin(self._accept(listening))

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for listening in self._sockets:
            listening.close()

    async def wait_closed(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                raw, address = await loop.sock_accept(listening)
            except OSError as trouble:
                log.debug("No connection could be accepted. %s", trouble)
                await asyncio.sleep(_AGAIN_AFTER_SECONDS)
            else:
                self._begin(self._encrypt(raw, address[0]))

    async def _encrypt(self, raw: socket.socket, address: str) -> None:
        handshake = _Handshake()
        try:
            self._handshakes.let_in(handshake, address)
            self._handshakes.owes(handshake)
            await asyncio.get_running_loop().connect_accepted_socket(
                self._new_line, raw, ssl=self._context, ssl_handshake_timeout=self._patience_s
            )
        except TryLater:
            raw.close()  # it would not understand what it is told
        except OSError as trouble:
            log.debug("A connection could not be encrypted. %s", trouble)
        finally:
            self._handshakes.gone(handshake)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Handshake:
    """A line in the making, which may have to make room for another."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()
