"""What trials have shown on this machine, kept beside the models."""

from __future__ import annotations

import contextlib
import hashlib
import platform
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from repartee.engines.ladder.choosing import DidNotWork, Outcome, Reached, Speed, TooSlow
from repartee.installing import version
from repartee.machine import usable_cores

_FILE = "measured.json"
_CPU = Path("/proc/cpuinfo")


class _Line(msgspec.Struct, omit_defaults=True):
    """One outcome as it is written."""

    wait_ms: float | None = None
    pace: float | None = None
    ended_after_s: float | None = None
    reached_after_ms: float | None = None


class _Written(msgspec.Struct):
    machine: str
    outcomes: dict[str, _Line]


def read(models_dir: Path) -> dict[str, Outcome]:
    """Nothing, if it was measured on another machine or with another version."""
    try:
        written = msgspec.json.decode((models_dir / _FILE).read_bytes(), type=_Written)
    except (OSError, msgspec.MsgspecError):
        return {}
    if written.machine != fingerprint():
        return {}
    return {name: _outcome(line) for name, line in written.outcomes.items()}


def write(models_dir: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Where nothing can be written, the next start measures again."""
    written = _Written(fingerprint(), {name: _line(one) for name, one in outcomes.items()})
    with contextlib.suppress(OSError):
        models_dir.mkdir(parents=True, exist_ok=True)
        new = models_dir / f"{_FILE}.new"
        new.write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=1))
        new.replace(models_dir / _FILE)


def fingerprint() -> str:
    """What a measurement is true for: this processor, so many cores of it, and this version."""
    parts = (
        platform.system(),
        platform.machine(),
        _processor(),
        f"{usable_cores():g}",
        str(has_gpu()),
        version(),
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def has_gpu() -> bool:
    """One of NVIDIA's, as its driver shows it."""
    return Path("/dev/nvidia0").exists() or Path("/proc/driver/nvidia/version").exists()


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", _CPU.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor()


def _outcome(line: _Line) -> Outcome:
    if line.wait_ms is not None and line.pace is not None:
        return Speed(line.wait_ms, line.pace)
    if line.reached_after_ms is not None:
        return Reached(line.reached_after_ms)
    return DidNotWork() if line.ended_after_s is None else TooSlow(line.ended_after_s)


def _line(outcome: Outcome) -> _Line:
    match outcome:
        case Speed(wait_ms, pace):
            return _Line(wait_ms, pace)
        case TooSlow(after_s):
            return _Line(ended_after_s=after_s)
        case Reached(after_ms):
            return _Line(reached_after_ms=after_ms)
        case DidNotWork():
            return _Line()
