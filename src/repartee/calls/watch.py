"""Watches how late the event loop is, and who waits: what the steps of `pressure.py` follow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import anyio

from repartee.calls.clock import now
from repartee.calls.errands import Errands
from repartee.calls.pressure import Load, Pressure
from repartee.calls.roster import Roster

TICK_SECONDS = 0.1
WINDOW = 50
"""So many ticks, five seconds of them, are judged together."""
_TICKS_PER_JUDGEMENT = 5


class Watch:
    def __init__(
        self,
        roster: Roster,
        errands: Errands,
        pressure: Pressure,
        cores: float,
        late: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`late` is told each time by how many seconds the event loop was."""
        self._roster = roster
        self._errands = errands
        self._pressure = pressure
        self._cores = cores
        self._late = late
        # At first all was well: the hiccups of a start are no load.
        judgements = WINDOW // _TICKS_PER_JUDGEMENT
        self._lags_ms = deque([0.0] * WINDOW, maxlen=WINDOW)
        self._hasty = deque([0.0] * judgements, maxlen=judgements)

    async def run(self) -> None:
        """Look on until cancelled."""
        while True:
            for _ in range(_TICKS_PER_JUDGEMENT):
                due_at = now() + TICK_SECONDS
                await anyio.sleep(TICK_SECONDS)
                lag_s = max(0.0, now() - due_at)
                self._lags_ms.append(lag_s * 1000)
                self._late(lag_s)
            self._hasty.append(haste(self._roster.in_haste, self._cores, self._roster.most))
            self._pressure.note(self._load(), now())

    def _load(self) -> Load:
        mean = sum(self._hasty) / len(self._hasty)
        return Load(round(p95(self._lags_ms), 1), round(mean, 3), self._errands.waiting)


def haste(in_haste: int, cores: float, places: int) -> float:
    """One call for each core may well be in haste without anybody having to wait."""
    return max(0.0, in_haste - cores) / places


def p95(figures: Sequence[float]) -> float:
    return sorted(figures)[max(0, -(-len(figures) * 95 // 100) - 1)]
