"""Where one-shot work for one engine is taken in.

A few jobs are done at a time, so that live calls, which never queue here, always find engine and
machine free enough. The others wait for their turn, within bounds, and those of one payer never
keep another's waiting for long. The desk also remembers how the latest job ended: that is how
anyone knows whether the engine works.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import anyio

from repartee.calls.clock import now
from repartee.calls.courtesy import Courtesy
from repartee.calls.fair_queue import FairQueue, LetOthers
from repartee.calls.refusals import TryLater
from repartee.errors import EngineError, EngineFailed, EngineTimeout, ReparteeError

log = logging.getLogger(__name__)

_TRIAL_SECONDS = 5.0
_ANSWER_SECONDS = 1.0
"""Whoever wants to know whether the engine works waits no longer than this for a trial."""
_BELIEVED_SECONDS = {True: 60.0, False: 5.0}
"""How long an engine that was seen to work, or not to, is believed to do so still."""


class Desk:
    def __init__(
        self,
        service: str,
        at_once: int,
        within_seconds: float,
        calls_in_haste: Callable[[], bool] = lambda: False,
    ) -> None:
        """`service` is what the engine is to people, such as "speech recogniser"."""
        self._service = service
        self._within_seconds = within_seconds
        self._courtesy = Courtesy(calls_in_haste)
        self._queue = FairQueue(at_once, f"jobs of the {service}")
        self._trial: asyncio.Task[None] | None = None
        self.trouble: EngineError | None = None
        """Why the latest job did not get what it wanted of the engine; None if it did."""
        self._seen_at: float | None = None
        """When that was seen, on the clock of calls."""
        self.failures = 0
        """How often an engine failed a job."""

    def __repr__(self) -> str:
        return f"<Desk of the {self._service}: {self.jobs} jobs>"

    @property
    def jobs(self) -> int:
        """Those that are being done, and those that wait for it."""
        return self._queue.at_once - self._queue.free + self._queue.waiting

    @property
    def busy(self) -> bool:
        return self.jobs > 0

    @property
    def waiting(self) -> int:
        """Jobs whose turn it is not yet."""
        return self._queue.waiting

    @asynccontextmanager
    async def job(self, within_seconds: float | None = None) -> AsyncIterator[LetOthers]:
        """A place for one job, which may take so long from the moment that it has it; letting
        others go first in the middle does not count. It may wait as long for the place, and is then
        told to come later: that says nothing about the engine."""
        seconds = within_seconds or self._within_seconds
        try:
            async with AsyncExitStack() as place:
                let_others = await self._let_in(place, seconds)
                with anyio.fail_after(seconds) as time_limit:
                    yield partial(_while_time_stands_still, time_limit, let_others)
        except TimeoutError:
            slow = EngineTimeout(
                f"The {self._service} took longer than {seconds:g} seconds.",
                hint="Send less at once, or try again in a moment.",
            )
            self._saw(slow)
            raise slow from None
        except EngineError as failure:
            if failure.blamed != "request":  # with another one it works
                self._saw(failure)
            raise
        else:
            self._saw(None)

    async def _let_in(self, place: AsyncExitStack, seconds: float) -> LetOthers:
        try:
            with anyio.fail_after(seconds):
                let_others = await place.enter_async_context(self._queue.place())
                await self._courtesy.give_way()
                return let_others
        except TimeoutError:
            sentence = f"The {self._service} has too much to do."
            raise TryLater(sentence, self._queue.next_in_s) from None

    async def found_working(self, try_it: Callable[[], Awaitable[object]]) -> bool:
        """Whether the engine works: as was seen a little while ago, or as a trial shows now. A
        trial that takes long goes on without whoever asked, who learns what was known before; and
        so does who asks while there are jobs, for how they end will show it."""
        if self._trial is None and self._is_to_be_tried():
            self._trial = asyncio.create_task(self._tried(try_it))
        if self._trial is not None:
            await asyncio.wait([self._trial], timeout=_ANSWER_SECONDS)
        return self.trouble is None

    def _is_to_be_tried(self) -> bool:
        if self.busy:
            return False
        believed_seconds = _BELIEVED_SECONDS[self.trouble is None]
        return self._seen_at is None or now() - self._seen_at > believed_seconds

    async def _tried(self, try_it: Callable[[], Awaitable[object]]) -> None:
        try:
            async with self.job(_TRIAL_SECONDS):
                await try_it()
        except ReparteeError as failure:
            log.info("A trial of the %s failed: %s", self._service, failure)
        except Exception:
            log.exception("A trial of the %s broke.", self._service)
            self._saw(EngineFailed(f"The {self._service} broke.", hint="The log says why."))
        finally:
            self._trial = None

    def _saw(self, trouble: EngineError | None) -> None:
        self.trouble, self._seen_at = trouble, now()
        self.failures += trouble is not None


async def _while_time_stands_still(time_limit: anyio.CancelScope, wait: LetOthers) -> None:
    left = time_limit.deadline - anyio.current_time()
    time_limit.deadline = math.inf
    await wait()
    time_limit.deadline = anyio.current_time() + left
