"""Talk over a WebSocket that may break: the next connection carries on where the last one ended.

What is said comes from a `Talker`. It is asked for the next message whenever the line is free, and
told when a connection begins, so that it can say again what the one before took with it. `Live`
brings the connections: it tries again after pauses that grow and are never quite the same, and
only while that can help.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import NoReturn, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from repartee.engines.live_service import LiveService, Query
from repartee.engines.standby import somebody_stands_by
from repartee.errors import EngineError

log = logging.getLogger(__name__)

PAUSES_S = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Before each further try, give or take a half; after the last of them it is given up."""
PAUSES_WITH_ANOTHER = 1
"""So many of them while another engine stands by: a caller waits for whoever gives up late."""
PING_S = 20.0

Sleep = Callable[[float], Awaitable[None]]
"""How time passes: `asyncio.sleep`, or a test's own clock."""


class Retries:
    """How often in a row something may fail, and the pauses in between."""

    def __init__(
        self, sleep: Sleep = asyncio.sleep, chance: Callable[[], float] = random.random
    ) -> None:
        self._sleep = sleep
        self._chance = chance
        self._failures = 0

    def renew(self) -> None:
        """It went well: what failed before counts no more."""
        self._failures = 0

    async def after(self, failure: EngineError) -> None:
        """Wait until the next try; raises the failure when there should be none."""
        most = PAUSES_WITH_ANOTHER if somebody_stands_by() else len(PAUSES_S)
        if not failure.retryable or self._failures >= most:
            raise failure
        pause_s = PAUSES_S[self._failures]
        self._failures += 1
        await self._sleep(pause_s * (0.5 + self._chance()))


class Talker(Protocol):
    """Who talks. Nothing here waits."""

    keep_alive_s: float

    def begin(self) -> None:
        """A new connection stands, and nothing was said on it yet."""

    def next(self) -> str | bytes | None:
        """What to say now; None if there is nothing until `Live.wake`."""

    def keep_alive(self) -> str | bytes:
        """What to say when nothing was said for `keep_alive_s`."""

    def take(self, message: str | bytes) -> bool:
        """A message came. True if it shows that the service does its work.

        Raises an `EngineError` if the connection is not worth keeping.
        """

    def lost(self, failure: EngineError) -> None:
        """The connection is gone, or did not come about. Raises to let it be the last."""


class Live:
    def __init__(
        self,
        service: LiveService,
        path: str,
        query: Query,
        talker: Talker,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._service = service
        self._path = path
        self._query = query
        self._talker = talker
        self._sleep = sleep
        self._retries = Retries(sleep)
        self._woken = asyncio.Event()
        self._quiet = True

    def wake(self) -> None:
        """There is something to say."""
        self._woken.set()

    async def run(self) -> NoReturn:
        """Talk until cancelled; raises an `EngineError` when there is no use in going on."""
        while True:
            try:
                await self._talk()
            except EngineError as failure:
                log.info("%s", failure)
                self._talker.lost(failure)
                await self._retries.after(failure)

    async def _talk(self) -> None:
        socket = await self._service.connect(self._path, self._query, ping_seconds=PING_S)
        lost: Exception
        try:
            self._talker.begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._say(socket))
                tasks.create_task(self._keep_alive(socket))
                tasks.create_task(self._hear(socket))
        except* (ConnectionClosed, EngineError) as several:
            lost = several.exceptions[0]
        finally:
            await socket.close()
        raise self._service.explain(lost) from lost

    async def _say(self, socket: ClientConnection) -> None:
        while True:
            self._woken.clear()
            while (message := self._talker.next()) is not None:
                self._quiet = False
                await socket.send(message)
            await self._woken.wait()

    async def _keep_alive(self, socket: ClientConnection) -> None:
        while True:
            self._quiet = True
            await self._sleep(self._talker.keep_alive_s)
            if self._quiet:
                await socket.send(self._talker.keep_alive())

    async def _hear(self, socket: ClientConnection) -> None:
        while True:
            if self._talker.take(await socket.recv()):
                self._retries.renew()
