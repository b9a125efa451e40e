"""What the figures have to reach."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.curve import CALLS_AT_ONCE, CPU_PER_CALL, MEMORY_PER_CALL, with_most

_GAP = "speech end to first audible sound, ms"
_MANY = "many calls at once"


class Target(msgspec.Struct, frozen=True):
    path: tuple[str, ...]
    """Where the figure is."""
    limit: float
    at_least: bool = False
    headline: str = ""
    """What it is called at the top of the report, if it belongs there."""
    unit: str = ""

    def is_reached_by(self, figure: float) -> bool:
        return figure >= self.limit if self.at_least else figure <= self.limit


TARGETS = (
    Target(
        ("embedded engines", _GAP, "p50"),
        600,
        headline="from speech to reply, p50",
        unit="ms",
    ),
    Target(("embedded engines", _GAP, "p95"), 1000),
    Target(("embedded engines", "interrupt to last sound, ms", "p95"), 50),
    Target(("embedded engines", "ready after, s"), 5),
    Target(("embedded engines", "import repartee, s"), 0.3),
    Target(("embedded engines", "memory with all engines, MB"), 700),
    Target(("scripted engines", "speech onset to ducked sound, ms", "p95"), 150),
    Target(("push to talk", "stop to final transcript, ms", "last blob, then stop", "p95"), 150),
    Target(("push to talk", "stop to final transcript, ms", "stop, then last blob", "p95"), 150),
    Target(("push to talk", "stop to first sound, ms", "last blob, then stop", "p95"), 500),
    Target(("push to talk", "stop to first sound, ms", "stop, then last blob", "p95"), 500),
    Target(("push to talk, many at once", "lost"), 0),
    Target(("push to talk, many at once", "crossed"), 0),
    Target(("push to talk, many at once", "added to it by the others, ms", "p95"), 100),
    Target(("over HTTP", "stream to first chunk, ms", "p50"), 500),
    Target(("over HTTP", "ten words spoken, ms", "p50"), 60),
    Target(("over HTTP", "ten words spoken again, ms", "p50"), 5),
    Target(("over HTTP", "three seconds transcribed, ms", "p50"), 500),
    Target(("what a call costs", CPU_PER_CALL, "hearing digital silence"), 4),
    Target(("what a call costs", CPU_PER_CALL, "talking and being answered"), 8),
    Target(("what a call costs", "memory per call, MB"), 1),
    Target(
        (_MANY, "talking", CALLS_AT_ONCE), 100, at_least=True, headline="calls at once on one core"
    ),
    Target(
        (_MANY, "talking", with_most(CPU_PER_CALL)),
        8,
        headline="CPU per second of a call",
        unit="ms",
    ),
    Target(
        (_MANY, "talking", with_most(MEMORY_PER_CALL)),
        1,
        headline="memory of a further call",
        unit="MB",
    ),
    Target((_MANY, "silent", with_most(CPU_PER_CALL)), 4),
    Target((_MANY, "silent", with_most(MEMORY_PER_CALL)), 1),
)


def figure_at(figures: dict[str, Any], path: tuple[str, ...]) -> float | None:
    """None where it was not measured."""
    found: Any = figures
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) else None
