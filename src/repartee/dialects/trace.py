"""How the trace of a turn is written, in every dialect that has one."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from repartee.conversation.told import Traced


class TraceEvent(msgspec.Struct, frozen=True, tag="trace_event", omit_defaults=True):
    event: str
    ts: float
    """Seconds since 1970."""
    turn_id: str
    latency_ms: int | None = None
    """Counted from the end of what was said."""
    latency: dict[str, int] | None = None
    why: dict[str, Any] | None = None
    reply: int = 0
    """The reply that answers the turn, in dialects whose replies have numbers."""
    switch: dict[str, str] | None = None
    """Which engine went on for which, and why."""

    @classmethod
    def of(cls, what: Traced, reply: int = 0) -> Self:
        return cls(
            what.event,
            round(what.at, 4),
            what.turn_id,
            what.latency_ms,
            what.latency,
            what.why,
            reply,
            what.switch,
        )
