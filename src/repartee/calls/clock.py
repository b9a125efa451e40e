"""The only place that reads a clock."""

from __future__ import annotations

import time


def now() -> float:
    """Seconds on a clock that only moves forward."""
    return time.monotonic()


def wall_time() -> float:
    """Seconds since 1970, for people and databases."""
    return time.time()
