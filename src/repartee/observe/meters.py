"""What is measured as it happens: how long callers wait, and how punctual the event loop is.

Once a turn, never per frame. What other rooms count anyway is read from them when somebody asks:
see `server/metrics.py`.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from itertools import product
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from repartee.conversation import commands as do
from repartee.observe.latency import gap_by_stage
from repartee.observe.onlookers import Stage, TurnSeen

# When each series began is of no use, and doubles the page.
disable_created_metrics()  # type: ignore[no-untyped-call]

_WAITS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0, 5.0, 10.0)
_LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_STAGES = {
    "stt_done": "recognising",
    "decided": "deciding",
    "llm_first_token": "thinking",
    "tts_first_chunk": "voicing",
    "first_sound_sent": "sending",
}
"""Up to the moment at which the first sound leaves; what follows, only some clients report."""
_MODES = get_args(do.Mode)
_STATUSES = get_args(do.Status)


class Meters:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        gap = self._histogram(
            "gap_seconds",
            "From the end of what somebody said to the first sound of the answer.",
            _WAITS,
            "mode",
        )
        stage = self._histogram(
            "gap_stage_seconds",
            "What each stage added to the gap of spoken turns.",
            _WAITS,
            "stage",
        )
        turns = Counter(
            "repartee_turns",
            "Replies that came to their end, and how.",
            ["mode", "status"],
            registry=self.registry,
        )
        held = Counter(
            "repartee_held",
            "Turns in which somebody was asked to wait, and for which stage.",
            ["waiting_for"],
            registry=self.registry,
        )
        # Each child is looked up once: all that can happen is there from the start, as 0.
        self._gap = {mode: gap.labels(mode) for mode in _MODES}
        self._stage = {moment: stage.labels(name) for moment, name in _STAGES.items()}
        self._turns = {one: turns.labels(*one) for one in product(_MODES, _STATUSES)}
        self._held = {moment: held.labels(name) for moment, name in _STAGES.items()}
        self._loop_lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop came to what was due.", _LAGS
        )
        self.failures: Tally[Stage] = Tally()
        """How often calls had to go on without what they wanted of an engine."""

    def engine_failed(self, stage: Stage) -> None:
        self.failures[stage] += 1

    def turn_over(self, seen: TurnSeen) -> None:
        turn, times = seen.turn, seen.times
        self._turns[turn.mode, turn.status].inc()
        if times.hold is not None and seen.first and times.hold.stage in self._held:
            self._held[times.hold.stage].inc()
        gap = times.since_over("first_sound_sent")
        # What failed is apologised for, and then counts; nobody waited for a greeting.
        if gap is None or times.over_at is None or turn.status == "failed" or not turn.user_text:
            return
        self._gap[turn.mode].observe(gap)
        if turn.mode == "spoken":
            shares = gap_by_stage(times.moments, times.over_at)
            for moment in self._stage.keys() & shares.keys():
                self._stage[moment].observe(shares[moment] / 1000)

    def late(self, seconds: float) -> None:
        """So late the event loop came to what was due: everybody on the line hears it."""
        self._loop_lag.observe(seconds)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"repartee_{name}", text, labels, buckets=buckets, registry=self.registry)
