"""Figures as people read them."""

from __future__ import annotations

import statistics
from typing import Any


def spread(values: list[float], digits: int | None = None) -> dict[str, float]:
    """The middle and the end of these values, whole unless some digits are wanted."""
    if not values:
        return {}
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "p50": round(statistics.median(ordered), digits),
        "p95": round(ordered[min(round(0.95 * last), last)], digits),
        "max": round(ordered[-1], digits),
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
