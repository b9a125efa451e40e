"""Where one-shot work for one engine is taken in.

A few jobs are done at a time, so that live calls, which never queue here, always find engine and
machine free enough. The others wait for their turn, within bounds. The desk also remembers how the
latest job ended: that is how anyone knows whether the engine works.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio

from repartee.calls.clock import now
from repartee.calls.courtesy import Courtesy
from repartee.errors import EngineError, EngineTimeout, Refused, ReparteeError

MOST_WAITING = 64
_TRIAL_SECONDS = 5.0
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
        self._at_once = at_once
        self._places = asyncio.Semaphore(at_once)
        self._most_present = at_once + MOST_WAITING
        self._present = 0
        self._trying = asyncio.Lock()
        self._works = True
        """Whether the latest job got what it wanted of the engine."""
        self._seen_at: float | None = None
        """When that was seen, on the clock of calls."""
        self.failures = 0
        """How often an engine failed a job."""

    def __repr__(self) -> str:
        return f"<Desk of the {self._service}: {self._present} jobs>"

    @property
    def jobs(self) -> int:
        """Those that are being done, and those that wait for it."""
        return self._present

    @property
    def busy(self) -> bool:
        return self._present > 0

    @property
    def waiting(self) -> int:
        """Jobs whose turn it is not yet."""
        return max(0, self._present - self._at_once)

    @asynccontextmanager
    async def job(self, within_seconds: float | None = None) -> AsyncIterator[None]:
        """A place for one job. Waiting for it counts into the time that the job may take."""
        if self._present >= self._most_present:
            raise Refused(f"The {self._service} has too much to do. Try again in a moment.")
        seconds = within_seconds or self._within_seconds
        self._present += 1
        try:
            with anyio.fail_after(seconds):
                async with self._places:
                    await self._courtesy.give_way()
                    yield
        except TimeoutError:
            self._saw(works=False)
            raise EngineTimeout(
                f"The {self._service} took longer than {seconds:g} seconds.",
                hint="Send less at once, or try again in a moment.",
            ) from None
        except EngineError:
            self._saw(works=False)
            raise
        else:
            self._saw(works=True)
        finally:
            self._present -= 1

    async def found_working(self, try_it: Callable[[], Awaitable[object]]) -> bool:
        """Whether the engine works: as was seen a little while ago, or as a trial shows now."""
        async with self._trying:
            if self._seen_at is None or now() - self._seen_at > _BELIEVED_SECONDS[self._works]:
                with suppress(ReparteeError):
                    async with self.job(_TRIAL_SECONDS):
                        await try_it()
        return self._works

    def _saw(self, *, works: bool) -> None:
        self._works, self._seen_at = works, now()
        self.failures += not works
