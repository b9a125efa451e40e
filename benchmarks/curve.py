"""How everything changes with the number of calls at once: the server on a core of its own, with
scripted engines, and the callers on the others.

The gap is counted from the last frame of speech to the first frame of the reply. What others add
to it is what exceeds the usual gap of a single call.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

import msgspec

from benchmarks.callers import FRAME_SECONDS, Tally
from benchmarks.report import percentile
from repartee.testing.server_process import ServerProcess

TALKING_STEPS = (1, 10, 25, 50, 75, 100, 125, 150, 175, 200)
SILENT_STEPS = (1, 10, 25, 50, 100)
MOST_ADDED_MS = 200.0
CALLS_AT_ONCE = f"calls at once while p95 of what is added is below {MOST_ADDED_MS:.0f} ms"
CPU_PER_CALL, MEMORY_PER_CALL = "CPU per second of a call, ms", "memory per further call, MB"
_TALKING_SECONDS, _SILENT_SECONDS = 15.0, 5.0
_MOST_OWN_LATENESS_MS = FRAME_SECONDS * 1000
"""Callers who are later than a whole frame are no measure of a server."""
_LONGEST_TALLY = 64 * 1024 * 1024
_SERVER = {
    **dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted"),
    "CAPACITY": "10000",
    "MAX_CALLS": "1000",
    "LIMITS": "off",
}


def with_most(name: str) -> str:
    """What a figure is called where there are most calls."""
    return f"{name}, with the most calls"


class Crowd:
    """Callers in a process of their own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def grow(self, count: int) -> None:
        await self._told(f"calls {count}")

    async def measure(self, seconds: float) -> Tally:
        return msgspec.json.decode(await self._told(f"measure {seconds}"), type=Tally)

    async def _told(self, order: str) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n".encode())
        if not (answer := await self._process.stdout.readline()):
            raise RuntimeError("The callers' process has ended.")
        return answer


def measure_curve(most: int) -> dict[str, Any] | str:
    """With no more calls than `most`."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        return "not measured: the server takes a core of its own, and its callers another"
    figures = {}
    for kind, counts in (("talking", TALKING_STEPS), ("silent", SILENT_STEPS)):
        with ExitStack() as stack:
            with _on_cores(cores[-1:]):
                server = stack.enter_context(ServerProcess(**_SERVER))
            stack.enter_context(_on_cores(cores[:-1]))
            climb = _Climb(server, kind)
            figures[kind] = asyncio.run(climb.up([count for count in counts if count <= most]))
    return figures


@contextmanager
def _on_cores(cores: Sequence[int]) -> Iterator[None]:
    """What is started meanwhile stays on them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class _Climb:
    """From few calls to many. Those of a step stay for the next one."""

    def __init__(self, server: ServerProcess, kind: str) -> None:
        self._server = server
        self._kind = kind
        self._steps: list[dict[str, Any]] = []
        self._usual_gap = 0.0
        self._first_mb = 0.0

    async def up(self, counts: Sequence[int]) -> dict[str, Any]:
        reason = None
        async with _crowd(self._server.port, self._kind) as crowd:
            for count in counts:
                tally = await self._step(crowd, count)
                if (reason := self._reason_to_stop(tally)) is not None:
                    break
        return self._summary(reason)

    async def _step(self, crowd: Crowd, count: int) -> Tally:
        await crowd.grow(count)
        seconds = _TALKING_SECONDS if self._kind == "talking" else _SILENT_SECONDS
        before, began = self._server.cpu_seconds(), time.monotonic()
        tally = await crowd.measure(seconds)
        share = (self._server.cpu_seconds() - before) / (time.monotonic() - began)
        memory_mb = self._server.resident_mb()
        if not self._steps:
            self._first_mb = memory_mb
            self._usual_gap = statistics.median(tally.gaps) if tally.gaps else 0.0
        step: dict[str, Any] = {"calls": count}
        if self._kind == "talking":
            step |= self._of_conversations(tally)
        step[CPU_PER_CALL] = round(share * 1000 / count, 2)
        if further := count - self._steps[0]["calls"] if self._steps else 0:
            per_call = (memory_mb - self._first_mb) / further
            step[MEMORY_PER_CALL] = round(max(per_call, 0.0), 2)
        step["server's share of its core, %"] = round(share * 100)
        step["callers' share of theirs, %"] = round(tally.own_cpu_share * 100)
        step["callers' own lateness p95, ms"] = round(percentile(tally.own_lateness, 0.95), 1)
        self._steps.append(step)
        return tally

    def _of_conversations(self, tally: Tally) -> dict[str, Any]:
        added = percentile(tally.gaps, 0.95) - self._usual_gap
        return {
            "turns": len(tally.gaps),
            "unanswered": tally.unanswered,
            "gap p50, ms": round(percentile(tally.gaps, 0.5)),
            "gap p95, ms": round(percentile(tally.gaps, 0.95)),
            "added to the gap p95, ms": round(max(added, 0.0), 1),
            "lateness of audio frames p95, ms": round(percentile(tally.frame_lateness, 0.95), 1),
        }

    def _reason_to_stop(self, tally: Tally) -> str | None:
        """The callers are looked at first: what they delay is no fault of the server."""
        if tally.lost:
            return f"{tally.lost} calls were cut off"
        if percentile(tally.own_lateness, 0.95) > _MOST_OWN_LATENESS_MS:
            return "the callers themselves were late: this machine can't tell how the server does"
        if tally.unanswered:
            return f"{tally.unanswered} turns were not answered"
        if percentile(tally.gaps, 0.95) - self._usual_gap > MOST_ADDED_MS:
            return f"p95 of what was added to the gap is above {MOST_ADDED_MS:.0f} ms"
        return None

    def _summary(self, reason: str | None) -> dict[str, Any]:
        """The step at which there was a reason to stop counts for nothing. What a call costs is
        told where there are most: what the server does for itself counts for little there."""
        fine = self._steps if reason is None else self._steps[:-1]
        figures: dict[str, Any] = {}
        if self._kind == "talking":
            figures[CALLS_AT_ONCE] = fine[-1]["calls"] if fine else 0
        for name in (CPU_PER_CALL, MEMORY_PER_CALL) if fine else ():
            figures[with_most(name)] = fine[-1].get(name)
        return {**figures, "ended with": reason or "the last step", "steps": self._steps}


@asynccontextmanager
async def _crowd(port: int, kind: str) -> AsyncIterator[Crowd]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.callers", str(port), kind),
        stdin=PIPE,
        stdout=PIPE,
        limit=_LONGEST_TALLY,
    )
    assert process.stdin is not None
    try:
        yield Crowd(process)
    finally:
        process.stdin.close()
        await process.wait()
