"""The parts of a benchmark, each of which can be run alone. Every one starts its own servers."""

from __future__ import annotations

import asyncio
import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.adapters import KNOWN_MS, measure_adapters
from benchmarks.calls import measure_busy_store, measure_button, measure_many_buttons
from benchmarks.curve import measure_curve
from benchmarks.gap import measure_duck, measure_gap
from benchmarks.load import measure_load
from benchmarks.over_http import measure_http, measure_http_beside_a_call
from benchmarks.turns import measure_turn_models
from repartee.testing.server_process import ServerProcess

LONG_REPLY = "This reply goes on and on, so that there is time to talk over it. " * 4


class Extent(msgspec.Struct, frozen=True):
    """How much is measured."""

    rounds: int
    calls: int
    most_calls: int

    def share(self, of_rounds: int) -> int:
        """One in so many rounds, where each takes long."""
        return max(self.rounds // of_rounds, 3)


Figures = dict[str, Any]


def measure_the_gap(extent: Extent) -> Figures:
    with ServerProcess(TTS_CACHE_MB="0") as server:  # the same questions come again and again
        embedded = {
            "import repartee, s": import_seconds(),
            "ready after, s": round(server.ready_after_seconds, 2),
            **asyncio.run(measure_gap(server, extent.rounds)),
            "memory with all engines, MB": round(server.resident_mb()),
        }
    with _long_replies() as scripted:
        with ServerProcess(**scripted) as server:  # a real recogniser, over a steady tone
            ducking = asyncio.run(measure_duck(server, extent.share(5)))
        with ServerProcess(STT="scripted", **scripted) as server:
            gap = asyncio.run(measure_gap(server, extent.share(3)))
    return {"embedded engines": embedded, "scripted engines": {**gap, **ducking}}


def measure_buttons(extent: Extent) -> Figures:
    with ServerProcess(TTS_CACHE_MB="0") as server:
        alone = asyncio.run(measure_button(server, extent.share(3)))
    many = asyncio.run(measure_many_buttons(extent.share(6)))
    return {"push to talk": alone, "push to talk, many at once": many}


def measure_requests(extent: Extent) -> Figures:
    with ServerProcess() as server:
        alone = asyncio.run(measure_http(server, extent.rounds))
    with ServerProcess(TTS_CACHE_MB="0") as server:
        beside = asyncio.run(measure_http_beside_a_call(server, extent.share(5)))
    return {"over HTTP": alone, "a call beside HTTP requests": beside}


def measure_costs(extent: Extent) -> Figures:
    with _long_replies() as scripted, ServerProcess(STT="scripted", **scripted) as server:
        costs = asyncio.run(measure_load(server, extent.calls))
    return {"what a call costs": costs, "a call beside the database": measure_busy_store()}


def measure_many_calls(extent: Extent) -> Figures:
    return {"many calls at once": measure_curve(extent.most_calls)}


def measure_turns(extent: Extent) -> Figures:
    return {"is the turn over": measure_turn_models(extent.share(6))}


def measure_added_by_adapters(extent: Extent) -> Figures:
    name = f"what adapters add to a service of {KNOWN_MS:.0f} ms, ms"
    return {name: asyncio.run(measure_adapters())}


PARTS: dict[str, Callable[[Extent], Figures]] = {
    "gap": measure_the_gap,
    "button": measure_buttons,
    "http": measure_requests,
    "load": measure_costs,
    "curve": measure_many_calls,
    "turns": measure_turns,
    "adapters": measure_added_by_adapters,
}


@contextmanager
def _long_replies() -> Iterator[dict[str, str]]:
    """Settings of a server whose replies can be talked over."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as script:
        script.write(f'[llm]\nreplies = ["{LONG_REPLY}"]\n')
        script.flush()
        yield {"LLM": "scripted", "TTS": "scripted", "SCRIPT": script.name}


def import_seconds() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import repartee"], check=True)
    with_it = time.monotonic() - began
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return round(max(with_it - (time.monotonic() - began), 0.0), 3)


def machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
