"""Somebody who looks, every now and then, whether a service works, and what is to be learned of it.

The first look is over before the server begins to answer. A service that is down then keeps nobody
from starting: it is looked at again and again, and what there is to learn of it is learned when it
is back. A request that goes otherwise than was to be expected is a reason to look at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from repartee.engines.remote.patience import Patience
from repartee.errors import EngineError, ReparteeError

log = logging.getLogger(__name__)


class Lookout:
    """`look` raises an error if the service, which people know as `what`, does not work."""

    def __init__(self, what: str, look: Callable[[], Awaitable[None]], patience: Patience) -> None:
        self.ready = False
        """Whether it worked when it was looked at last."""
        self._what = what
        self._look = look
        self._patience = patience
        self._surprised = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Lookout: the {self._what} {'works' if self.ready else 'does not work'}>"

    async def open(self) -> None:
        """Look once, and go on looking."""
        if self._looking is None:
            self._tell(await self._seen())
            self._looking = asyncio.create_task(self._keep_looking())

    async def close(self) -> None:
        looking, self._looking = self._looking, None
        self.ready = False
        if looking is not None:
            looking.cancel()
            await asyncio.wait([looking])

    @contextmanager
    def watching(self) -> Iterator[None]:
        """One request."""
        try:
            yield
        except EngineError:
            if self.ready:
                self._surprised.set()
            raise
        else:
            if not self.ready:
                self._surprised.set()

    async def _keep_looking(self) -> None:
        patience = self._patience
        while True:
            self._surprised.clear()
            with contextlib.suppress(TimeoutError):
                pause_s = patience.look_every_s if self.ready else patience.look_again_s
                async with asyncio.timeout(pause_s):
                    await self._surprised.wait()
            worked, trouble = self.ready, await self._seen()
            if worked != self.ready:
                self._tell(trouble)

    async def _seen(self) -> str:
        """What keeps it from working now, if anything does."""
        trouble = ""
        try:
            async with asyncio.timeout(self._patience.look_s):
                await self._look()
        except ReparteeError as failure:
            trouble = str(failure)
        except TimeoutError:
            trouble = f"It took longer than {self._patience.look_s:g} seconds to answer."
        self.ready = not trouble
        return trouble

    def _tell(self, trouble: str) -> None:
        if trouble:
            log.warning("The %s does not work. %s", self._what, trouble)
        else:
            log.info("The %s works.", self._what)
