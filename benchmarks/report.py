"""Figures as people read them."""

from __future__ import annotations

import statistics
from typing import Any


def spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "p50": round(statistics.median(ordered)),
        "p95": round(ordered[min(round(0.95 * last), last)]),
        "max": round(ordered[-1]),
        "n": len(ordered),
    }


def lines(figures: dict[str, Any], indent: int = 0) -> list[str]:
    """A nested table of names and figures."""
    rows: list[str] = []
    for name, value in figures.items():
        label = "  " * indent + name
        if isinstance(value, dict) and "p50" in value:
            row = "  ".join(f"{key} {number:>6}" for key, number in value.items())
            rows.append(f"{label:<48} {row}")
        elif isinstance(value, dict):
            rows += [label, *lines(value, indent + 1)]
        else:
            rows.append(f"{label:<48} {value}")
    return rows
