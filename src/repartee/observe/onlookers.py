"""Who looks on at the calls of a server: counts them, or draws them as spans.

An onlooker is told what is over, once a turn and on the event loop, so it takes a few microseconds
and never waits. One that breaks is heard of in the log and keeps no call from going on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from repartee.conversation import commands as do
from repartee.observe.turn_times import TurnTimes

log = logging.getLogger(__name__)

Stage = Literal["hearing", "thinking", "speaking"]


class TurnSeen(msgspec.Struct, frozen=True):
    """A reply that came to its end, with the times of the turn that it answers."""

    call_id: str
    turn: do.TurnRecord
    times: TurnTimes
    unix_offset: float
    """What must be added to a moment to have seconds since 1970."""

    @property
    def first(self) -> bool:
        """Whether it is the turn's first reply: an apology comes after the one that failed."""
        return next(iter(self.times.kept_as), self.turn.number) == self.turn.number


class Onlooker(Protocol):
    def turn_over(self, seen: TurnSeen) -> None: ...

    def engine_failed(self, stage: Stage) -> None:
        """A call has to go on without what it wanted of an engine."""


class Onlookers:
    """All of them, as one."""

    def __init__(self, everybody: Sequence[Onlooker] = ()) -> None:
        self._everybody = tuple(everybody)

    def __repr__(self) -> str:
        return f"<Onlookers {list(self._everybody)}>"

    def turn_over(self, seen: TurnSeen) -> None:
        for one in self._everybody:
            _safely(one.turn_over, seen)

    def engine_failed(self, stage: Stage) -> None:
        for one in self._everybody:
            _safely(one.engine_failed, stage)


NOBODY = Onlookers()


def _safely(tell: Callable[[Any], None], what: object) -> None:
    try:
        tell(what)
    except Exception:
        log.exception("What watches the calls has broken.")
