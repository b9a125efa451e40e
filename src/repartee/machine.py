"""What this machine gives to this process."""

from __future__ import annotations

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_MEMORY = Path("/proc/meminfo")


def usable_cores() -> float:
    """How many cores may be used: those of the machine, less what a container is denied."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        quota, period = _QUOTA.read_text().split()
        return min(cores, int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):  # no container, or one without a limit
        return cores


def free_memory_bytes() -> int | None:
    """How much memory can be had without swapping; None where the system doesn't say."""
    try:
        rows = dict(row.split(":", 1) for row in _MEMORY.read_text().splitlines() if ":" in row)
        return int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
