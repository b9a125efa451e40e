"""Which of the figures are drawn, and how."""

from __future__ import annotations

from typing import Any

from benchmarks.curve import CPU_PER_CALL, MEMORY_PER_CALL, MOST_ADDED_MS
from benchmarks.gap import STAGES
from benchmarks.plots import Bar, Plot, Series

_ACROSS = "calls at once"
_SEVERAL = 10
"""Of fewer calls, each bears too much of what the server does for itself."""
_SINCE = "of it, since speech end, ms"


def curves(figures: dict[str, Any]) -> list[Plot]:
    """Nothing where the curve was not measured."""
    kinds = figures.get("many calls at once")
    if not isinstance(kinds, dict):
        return []
    talking, silent = kinds["talking"]["steps"], kinds["silent"]["steps"]
    both = (("talking", talking), ("digital silence", silent))
    gap_p50, gap_p95 = "gap p50, ms", "gap p95, ms"
    most = talking[0][gap_p50] + MOST_ADDED_MS
    late = "lateness of audio frames p95, ms"
    several = [(kind, [s for s in steps if s["calls"] >= _SEVERAL]) for kind, steps in both]
    plots = (
        Plot(
            "The gap",
            _ACROSS,
            "Milliseconds from the end of speech to the first frame of the reply",
            (_series("p50", talking, gap_p50), _series("p95", talking, gap_p95)),
            ((f"target: {MOST_ADDED_MS:.0f} ms more than a single call", most),),
        ),
        Plot(
            "How late the sound is",
            _ACROSS,
            "Milliseconds by which a frame of a reply is late, p95",
            (_series("talking", talking, late),),
        ),
        Plot(
            "Processor time",
            _ACROSS,
            f"Milliseconds of a core per second of a call, from {_SEVERAL} calls on",
            tuple(_series(kind, steps, CPU_PER_CALL) for kind, steps in several),
            (("target, talking", 8.0), ("target, silence", 4.0)),
        ),
        Plot(
            "Memory",
            _ACROSS,
            "Megabytes per further call",
            tuple(_series(kind, steps, MEMORY_PER_CALL) for kind, steps in both),
            (("target", 1.0),),
        ),
    )
    return [plot for plot in plots if all(series.points for series in plot.series)]


def _series(name: str, steps: list[dict[str, Any]], figure: str) -> Series:
    return Series(
        name, tuple((step["calls"], step[figure]) for step in steps if step.get(figure) is not None)
    )


def stages(figures: dict[str, Any], engines: str) -> list[Bar]:
    """Of the gap with these engines, in the order in which they end; each begins no earlier than
    the one before has ended, although some of its work may have been done ahead."""
    spreads = figures.get(engines, {}).get(_SINCE, {})
    measured = [(name, spreads[name]) for name in STAGES if spreads.get(name)]
    bars: list[Bar] = []
    for name, spread in sorted(measured, key=lambda stage: float(stage[1]["p50"])):
        begin = bars[-1].end if bars else 0.0
        bars.append(Bar(name, begin, spread["p50"], spread["p95"]))
    return bars
