"""What one caller may have, and how it is told that it was all."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from repartee.calls.refusals import LimitReached
from repartee.calls.shares import payer
from repartee.server.limits.connections import connections
from repartee.server.limits.counts import Counts, MemoryCounts, seconds_until
from repartee.server.limits.refusals import refusals
from repartee.settings import Settings

Kind = Literal["requests", "audio", "characters"]
MINUTE, HOUR, DAY = 60, 3_600, 86_400
_PER = {MINUTE: "minute", HOUR: "hour", DAY: "day"}


class Allowance(msgspec.Struct, frozen=True):
    most: int
    """In requests, characters, or seconds of sound."""
    window_s: int
    said: str
    """As in "The limit of … is reached"."""


def allowances(settings: Settings) -> dict[Kind, tuple[Allowance, ...]]:
    """Those that are set; whoever is not counted has none."""
    if not settings.counts_callers:
        return {}
    requests, characters = settings.limit_requests_per_minute, settings.limit_characters_per_hour
    hourly, daily = settings.limit_audio_minutes_per_hour, settings.limit_audio_minutes_per_day
    every: dict[Kind, tuple[Allowance, ...]] = {
        "requests": (_allowance(requests, "requests", MINUTE),),
        "audio": (
            _allowance(hourly, "minutes of sound", HOUR, unit=MINUTE),
            _allowance(daily, "minutes of sound", DAY, unit=MINUTE),
        ),
        "characters": (_allowance(characters, "characters to be spoken", HOUR),),
    }
    return {kind: tuple(one for one in ones if one.most) for kind, ones in every.items()}


def _allowance(most: int, what: str, window_s: int, unit: int = 1) -> Allowance:
    return Allowance(most * unit, window_s, f"{most:,} {what} per {_PER[window_s]}")


class Limits:
    def __init__(self, settings: Settings) -> None:
        self.counts_callers = settings.counts_callers
        self.most_calls = settings.limit_calls if settings.counts_callers else 0
        self.reached: Counter[str] = Counter()
        """How often each kind was, since the server started."""
        self.connections = connections(settings)
        self.refusals = refusals(settings)
        self._allowances = allowances(settings)
        self._counts = _counts(settings.limits_storage)

    def __repr__(self) -> str:
        return f"<Limits {self._counts!r}>"

    async def spend(self, kind: Kind, cost: float = 1) -> None:
        """Count this for whoever asks; `LimitReached` when it would be more than is allowed.
        Where an hour allows it and a day does not, the hour has counted it all the same."""
        who = payer.get()
        if not who:
            return
        whole = max(1, round(cost))
        for allowance in self._allowances.get(kind, ()):
            key = f"{kind} {allowance.window_s} {who}"
            most, window_s = allowance.most, allowance.window_s
            if not await self._counts.take(key, whole, most, window_s):
                self.reached[kind] += 1
                usage = await self._counts.usage(key, window_s)
                sentence = f"The limit of {allowance.said} is reached."
                raise LimitReached(sentence, seconds_until(usage, whole, most, window_s))

    async def close(self) -> None:
        await self._counts.close()


def _counts(storage: str) -> Counts:
    if storage == "memory":
        return MemoryCounts()
    from repartee.server.limits.redis_counts import RedisCounts

    return RedisCounts(storage)
