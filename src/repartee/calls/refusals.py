"""No, and when to ask again."""

from __future__ import annotations

from math import ceil

from repartee.errors import Refused


class TryLater(Refused):
    """There is no room now, but there may be in so many seconds."""

    def __init__(self, sentence: str, retry_after_s: float) -> None:
        self.retry_after_s = max(1, ceil(retry_after_s))
        super().__init__(sentence, hint=f"Try again in {lasting(self.retry_after_s)}.")


class LimitReached(TryLater):
    """Somebody has had all that one may have within such a time."""

    code = "limit_reached"


def lasting(seconds: int) -> str:
    """So many seconds, as people would say it."""
    for unit, length in (("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{ceil(seconds / length)} {unit}s"
    return "a second" if seconds == 1 else f"{seconds} seconds"
