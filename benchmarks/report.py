"""Figures as people read them."""

from __future__ import annotations

import statistics
from typing import Any


def spread(values: list[float], digits: int | None = None) -> dict[str, float]:
    """The middle and the end of these values, whole unless some digits are wanted."""
    if not values:
        return {}
    return {
        "p50": round(statistics.median(values), digits),
        "p95": round(percentile(values, 0.95), digits),
        "max": round(max(values), digits),
        "n": len(values),
    }


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed; nought if there is none."""
    return sorted(values)[round(share * (len(values) - 1))] if values else 0.0


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
        elif isinstance(value, list):
            rows += [label, *("  " * (indent + 1) + _in_one_line(step) for step in value)]
        else:
            rows.append(f"{label:<48} {value}")
    return rows


def _in_one_line(step: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in step.items())
