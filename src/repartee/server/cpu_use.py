"""What a piece of work costs in seconds of a core, in this process and in those that it starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_LOOK_EVERY_SECONDS = 0.02
"""Processes may end with the work, and what they have used is not seen any more."""
_TELLS_OF_OTHERS = Path("/proc/self/task").exists()


async def with_cpu_seconds(work: Awaitable[Result]) -> tuple[Result, float]:
    """Where the system tells nothing of other processes, it is the time on the clock, if longer."""
    began, before = time.monotonic(), used()
    latest = dict(before)
    working = asyncio.ensure_future(work)
    try:
        while not working.done():
            await asyncio.wait([working], timeout=_LOOK_EVERY_SECONDS)
            latest |= used()
    finally:
        working.cancel()
        await asyncio.wait([working])
    cpu = sum(seconds - before.get(pid, 0.0) for pid, seconds in latest.items())
    if not _TELLS_OF_OTHERS:
        cpu = max(cpu, time.monotonic() - began)
    return working.result(), cpu


def used() -> dict[int, float]:
    """By process, what it has used so far: this one and all that it has started."""
    family = {os.getpid(): time.process_time()}
    waiting = _children_of(os.getpid())
    while waiting:
        pid = waiting.pop()
        waiting += _children_of(pid)
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            family[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return family


def _children_of(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (thread / "children").read_text().split())
    return children
