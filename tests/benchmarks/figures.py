"""A run of the benchmark, with every kind of figure that there is."""

from __future__ import annotations

from typing import Any

from benchmarks.curve import CALLS_AT_ONCE


def _spread(p50: float, p95: float) -> dict[str, float]:
    return {"p50": p50, "p95": p95, "max": p95 + 7, "n": 20}


def _step(calls: int, gap: float | None = None) -> dict[str, Any]:
    talk = {} if gap is None else {"gap p50, ms": gap, "gap p95, ms": gap + 31, "turns": calls * 4}
    late = {} if gap is None else {"lateness of audio frames p95, ms": calls / 10}
    memory = {} if calls == 1 else {"memory per further call, MB": 0.31}
    return {"calls": calls, **talk, **late, "CPU per second of a call, ms": 6.25, **memory}


TALKING_STEPS = [_step(1, 280), _step(10, 281), _step(50, 295), _step(100, 340), _step(125, 612)]
SILENT_STEPS = [_step(1), _step(50), _step(100)]


def figures() -> dict[str, Any]:
    gap = {
        "transcript final": _spread(198, 248),
        "first token": _spread(248, 322),
        "turn judged over": _spread(251, 253),
        "first unit synthesised": _spread(338, 409),
        "first sound sent": _spread(339, 410),
    }
    return {
        "run": {
            "date": "2026-01-02",
            "processor": "A <Processor> & Co",
            "cores": 2,
            "python": "3.11.7",
            "system": "Linux",
            "command": 'make bench ARGS="--only gap curve"',
        },
        "embedded engines": {
            "ready after, s": 6.75,
            "speech end to first audible sound, ms": _spread(395, 460),
            "of it, since speech end, ms": gap,
        },
        "many calls at once": {
            "talking": {
                CALLS_AT_ONCE: 100,
                "ended with": "the delay was more than may be added",
                "steps": TALKING_STEPS,
            },
            "silent": {"ended with": "the last step", "steps": SILENT_STEPS},
        },
        "what adapters add": {"an adapter": {"least": 1.61, **_spread(2.2, 3.3)}},
        "is the turn over": {"smart-turn": "not measured: its file is not among the models"},
        "seconds taken": {"gap": 130, "curve": 200, "in all": 330},
    }
