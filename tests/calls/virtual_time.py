"""An event loop that never waits: when nothing is ready, its clock jumps to the next timer.

A minute of a call takes milliseconds, and every moment in it is exact. The calls' own clock is
this loop's clock for as long as it runs. A module of tests chooses it by its backend:

    @pytest.fixture
    def anyio_backend() -> Backend:
        return IN_VIRTUAL_TIME

A test that waits for what will never happen fails at once, and says so.
"""

from __future__ import annotations

import asyncio
import selectors
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from repartee.calls import clock

_BEGINS_AT = 1_000.0
_LONGEST_WAIT = 24 * 3_600.0


class NothingWillHappen(Exception):
    """Everybody waits for somebody else."""


class _Jumping(selectors.SelectSelector):
    """Where others wait, it lets the time pass; `now` is that time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = _BEGINS_AT
        self._ends_at = _BEGINS_AT + _LONGEST_WAIT

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.now > self._ends_at:
            self._ends_at = self.now + _LONGEST_WAIT  # whoever cleans up may take a while again
            raise NothingWillHappen("The test waits for something that will never happen.")
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_forever(self) -> None:
        with patch.object(clock, "time", SimpleNamespace(monotonic=self.time, time=self.time)):
            super().run_forever()


Backend = tuple[str, dict[str, Any]]
IN_VIRTUAL_TIME: Backend = ("asyncio", {"loop_factory": VirtualLoop})
