"""`make bench`: how long the gap is, and what a call costs, on this machine.

make bench                     everything, as a table
make bench ARGS=--json         the same as JSON
make bench ARGS="--rounds 40"  more questions
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.adapters import KNOWN_MS, measure_adapters
from benchmarks.calls import measure_busy_store, measure_button, measure_many_buttons
from benchmarks.gap import measure_duck, measure_gap
from benchmarks.load import measure_calls_per_core, measure_load
from benchmarks.over_http import measure_http, measure_http_beside_a_call
from benchmarks.report import lines
from benchmarks.turns import measure_turn_models
from repartee.testing.server_process import ServerProcess

LONG_REPLY = "This reply goes on and on, so that there is time to talk over it. " * 4


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


def import_seconds() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import repartee"], check=True)
    with_it = time.monotonic() - began
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return round(max(with_it - (time.monotonic() - began), 0.0), 3)


def measure(rounds: int, calls: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"machine": machine(), "import repartee, s": import_seconds()}
    with ServerProcess(TTS_CACHE_MB="0") as server:  # the same questions come again and again
        embedded = {
            "ready after, s": round(server.ready_after_seconds, 2),
            **asyncio.run(measure_gap(server, rounds)),
            "push to talk": asyncio.run(measure_button(server, rounds)),
            "memory with all engines, MB": round(server.resident_mb()),
        }
    with ServerProcess() as server:
        embedded["over HTTP"] = asyncio.run(measure_http(server, rounds))
    with ServerProcess(TTS_CACHE_MB="0") as server:
        beside = asyncio.run(measure_http_beside_a_call(server, max(rounds // 2, 4)))
        embedded["a call beside HTTP requests"] = beside
    figures["embedded engines"] = embedded
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as script:
        script.write(f'[llm]\nreplies = ["{LONG_REPLY}"]\n')
        script.flush()
        figures["scripted engines"] = measure_scripted(rounds, calls, script.name)
    figures["push to talk, many at once"] = asyncio.run(measure_many_buttons(max(rounds // 4, 3)))
    figures["a call beside the database"] = measure_busy_store()
    adapters = f"what adapters add to a service of {KNOWN_MS:.0f} ms, ms"
    figures[adapters] = asyncio.run(measure_adapters())
    figures["is the turn over"] = measure_turn_models(max(rounds // 4, 3))
    return figures


def measure_scripted(rounds: int, calls: int, script: str) -> dict[str, Any]:
    scripted = {"LLM": "scripted", "TTS": "scripted", "SCRIPT": script}
    with ServerProcess(**scripted) as server:  # a real recogniser, over a steady tone
        ducking = asyncio.run(measure_duck(server, max(rounds // 4, 3)))
    with ServerProcess(STT="scripted", **scripted) as server:
        return {
            **asyncio.run(measure_gap(server, max(rounds // 2, 4))),
            **ducking,
            **asyncio.run(measure_load(server, calls)),
            **asyncio.run(measure_calls_per_core(server)),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="questions asked")
    parser.add_argument("--calls", type=int, default=20, help="simultaneous calls")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    figures = measure(options.rounds, options.calls)
    print(json.dumps(figures, indent=2) if options.json else "\n".join(lines(figures)))


if __name__ == "__main__":
    main()
