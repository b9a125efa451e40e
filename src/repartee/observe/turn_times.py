"""The record of one turn: every moment that counted, on the call's clock."""

from __future__ import annotations

import uuid

import msgspec

from repartee.observe.latency import Why


class TurnTimes(msgspec.Struct):
    began_at: float
    over_at: float | None = None
    """When the speaker had finished; None while nobody thinks so."""
    id: str = msgspec.field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 0
    """Which final transcript is awaited; 0 for none."""
    moments: dict[str, float] = {}
    units: list[float] = []
    """How many seconds the synthesis of each phrase took."""
    voiced_at: float | None = None
    """When the last of them was ready; None for none."""
    switches: list[tuple[float, dict[str, str]]] = []
    """When one engine went on for another, and which for which."""
    hold: Why | None = None
    """Why the caller was asked to wait; None if that was not necessary."""
    told: bool = False
    """Whether the turn is over, and its marks are told as they come."""
    kept_as: dict[int, str] = {}

    def __repr__(self) -> str:
        return f"<TurnTimes {self.id} {', '.join(self.moments)}>"

    def id_to_keep(self, reply: int) -> str:
        """The turn's own id, but for an apology: it is kept beside the reply that failed."""
        return self.kept_as.setdefault(reply, str(uuid.uuid4()) if self.kept_as else self.id)

    def since_over(self, name: str) -> float | None:
        """Seconds from the end of what was said to this moment."""
        at = self.moments.get(name)
        return None if at is None or self.over_at is None else max(at - self.over_at, 0.0)

    def since_began(self, name: str) -> float | None:
        at = self.moments.get(name)
        return None if at is None else max(at - self.began_at, 0.0)

    def for_log(self) -> dict[str, int]:
        over_at = self.over_at
        if over_at is None:
            return {}
        return {f"{name}_ms": round((at - over_at) * 1000) for name, at in self.moments.items()}

    def forget(self, *names: str) -> None:
        for name in names:
            self.moments.pop(name, None)
