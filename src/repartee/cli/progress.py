"""How a download is shown: a bar that moves on a terminal, and otherwise a line now and then."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

from repartee.models.model import Model

_BAR = 24
_EVERY_S = 0.1
_STEPS = 4
"""So many lines for a file, where lines can't be drawn over."""
_QUIET_BYTES = 5_000_000
"""Small files have no lines of their own there."""


class Progress:
    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._moves = self._out.isatty()
        self._drawn_at = 0.0
        self._told: tuple[str, int] = ("", 0)

    def begins(self, model: Model) -> None:
        size = f", about {model.megabytes:,} MB" if model.megabytes is not None else ""
        self._line(f"{model.name}{size}, licence: {model.licence}, from {model.source}")

    def is_here_already(self, model: Model, place: Path) -> None:
        self._line(f"{model.name} is here already.")

    def is_unverified(self, file: str, sha256: str) -> None:
        self._line(
            f"  {file}: not verified, for nobody publishes its checksum; this first download of it"
            f" is trusted (SHA-256 {sha256})."
        )

    def ends(self, model: Model, place: Path) -> None:
        self._line(f"{model.name} is here now, in {place}.")

    def fetches(self, file: str, have: int, total: int | None) -> None:
        if self._moves:
            self._draw(file, have, total)
        elif total is not None and total > _QUIET_BYTES:
            step = have * _STEPS // total
            if self._told != (file, step):
                self._told = (file, step)
                self._line(f"  {file}: {have / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    def _draw(self, file: str, have: int, total: int | None) -> None:
        is_done = have == total
        now = time.monotonic()
        if not is_done and now - self._drawn_at < _EVERY_S:
            return
        self._drawn_at = now
        size = f"{have / 1e6:,.1f} MB"
        if total:
            full = _BAR * have // total
            size = f"[{'#' * full}{'.' * (_BAR - full)}] {size} of {total / 1e6:,.1f} MB"
        print(f"\r\x1b[K  {file[:40]} {size}", end="\n" if is_done else "", file=self._out)
        self._out.flush()

    def _line(self, words: str) -> None:
        print(f"\r\x1b[K{words}" if self._moves else words, file=self._out)
