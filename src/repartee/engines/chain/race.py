"""Who answers a turn: engines asked one after the other, until one of them does. Pure: no clock.

The race is told what happens and when, and says what to do: `Start` an engine, `Leave` one,
tell of a switch. `deadline` is when it wants to hear that time has passed.

An engine has until its deadline to begin to answer, but only if another one stands by that is not
resting: there is no sense in breaking off the last. With a hedge the next is started when half of
that time is gone, and the first that answers wins. An engine that comes from a rest is always
hedged, so that its probe costs a caller little.

A race is not over when it is won. Its winner may fail later, and the next goes on from there, or
it may be asked again: a recogniser is asked at every pause of the speaker. To begin proves nothing:
what counts for an engine is an answer that ended well.

What an engine refuses because of the request is not held against it, and the next one is asked. An
engine that declines, because its rules forbid the answer, is the last that is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.engines.chain.standing import Standing
from repartee.errors import (
    BadInput,
    EngineError,
    EngineFailed,
    EngineTimeout,
    ReparteeError,
    RequestDeclined,
)


class RaceRules(msgspec.Struct, frozen=True):
    deadline_s: float | None
    """None: nobody is in a hurry."""
    hedge: bool = False


class Start(msgspec.Struct, frozen=True):
    member: int


class Leave(msgspec.Struct, frozen=True):
    member: int


class Switched(msgspec.Struct, frozen=True):
    before: int
    after: int
    failure: ReparteeError | None
    """Why; None when the later one works again."""


Move = Start | Leave | Switched


class Race:
    def __init__(self, standing: Standing, rules: RaceRules, among: Sequence[int]) -> None:
        """`among` are those who can answer this at all, the best first."""
        self._standing = standing
        self._rules = rules
        self._among = among
        self._tried: set[int] = set()
        self._running: dict[int, float] = {}
        """Who was asked, and since when; the earlier first."""
        self.winner: int | None = None
        self.failure: ReparteeError | None = None
        """Why nobody answers; None as long as somebody may."""

    def __repr__(self) -> str:
        return f"<Race of {list(self._running)}, won by {self.winner}>"

    # ------------------------------------------------------------ what happens

    def begin(self, now: float) -> list[Move]:
        first = self._standing.next(self._among, self._tried, now)
        if first is None:
            self.failure = EngineFailed("No engine of this chain works just now.")
            return []
        return [self._start(first, now)]

    def ask(self, now: float) -> None:
        """Whoever is at it gets a question: time begins anew, and nobody has won any longer."""
        self.winner = None
        self._running = dict.fromkeys(self._running, now)

    def call_off(self) -> list[Move]:
        """Nobody wants to know any more; whoever was first at it goes on alone."""
        if not self._running:
            return []
        first, *others = self._running
        self._running = {first: self._running[first]}
        self.winner = first
        return [Leave(one) for one in others]

    def ready(self, member: int, now: float) -> list[Move]:
        """It is there, or has begun. Nobody needs to wait for it any longer."""
        return self._won_by(member, now) if member in self._running else []

    def answered(self, member: int, now: float) -> list[Move]:
        """It did its work to the end."""
        if member not in self._running:
            return []
        works_again = self._standing.breakers[member].answered()
        instead = self._standing.healthy(self._among, self._tried, now)
        moves = self._won_by(member, now)
        if works_again and instead is not None:
            moves.append(Switched(instead, member, None))
        return moves

    def failed(self, member: int, failure: ReparteeError, now: float) -> list[Move]:
        """It broke, before it answered or afterwards; the next one goes on."""
        if member not in self._running:
            return []
        moves = self.broke_off(member, failure, now)
        if isinstance(failure, RequestDeclined):
            others, self._running = list(self._running), {}
            return [*moves, *map(Leave, others)]
        after = next(iter(self._running), None)
        start: list[Move] = []
        if after is None:
            after = self._standing.next(self._among, self._tried, now)
            if after is None:
                return moves
            start = [self._start(after, now)]
        self.failure = None
        return [*moves, Switched(member, after, failure), *start]

    def broke_off(self, member: int, failure: ReparteeError, now: float) -> list[Move]:
        """It broke where nobody can go on for it; other turns are the wiser."""
        if self._is_to_blame(member, failure):
            self._standing.breakers[member].failed(now, for_good=not failure.retryable)
        del self._running[member]
        self.winner, self.failure = None, failure
        return [Leave(member)]

    def time_passed(self, now: float) -> list[Move]:
        if self.winner is not None:
            return []
        moves: list[Move] = []
        deadline_s = self._rules.deadline_s
        if deadline_s is None:
            return moves
        for member, since in list(self._running.items()):
            if now >= since + deadline_s and self.has_rival(now):
                late = f"It did not answer within {round(deadline_s * 1000)} ms."
                moves += self.failed(member, EngineTimeout(late), now)
        if (at := self._hedge_at(now)) is not None and now >= at:
            rival = self._standing.healthy(self._among, self._tried, now)
            assert rival is not None, "a hedge has somebody to start"
            moves.append(self._start(rival, now))
        return moves

    @property
    def waits(self) -> bool:
        return self.winner is None and self.failure is None

    def deadline(self, now: float) -> float | None:
        """When `time_passed` is to be told next; None if nothing depends on the time."""
        deadline_s = self._rules.deadline_s
        if self.winner is not None or deadline_s is None or not self.has_rival(now):
            return None
        due = [since + deadline_s for since in self._running.values()]
        hedge_at = self._hedge_at(now)
        return min([*due, hedge_at] if hedge_at is not None else due, default=None)

    def has_rival(self, now: float) -> bool:
        """Whether another engine stands by that is worth breaking off one for."""
        return len(self._running) > 1 or (
            self._standing.healthy(self._among, self._tried, now) is not None
        )

    # ------------------------------------------------------------ inside

    def _start(self, member: int, now: float) -> Start:
        self._standing.breakers[member].begin(now)
        self._tried.add(member)
        self._running[member] = now
        return Start(member)

    def _won_by(self, member: int, now: float) -> list[Move]:
        """Whoever had more time than the winner has failed; the others never had their chance."""
        moves: list[Move] = []
        had_more_time = True
        for other in self._running:
            if other == member:
                had_more_time = False
                continue
            moves.append(Leave(other))
            if had_more_time:
                self._standing.breakers[other].failed(now)
                slow = EngineTimeout("It was slower than the engine that stands in for it.")
                moves.append(Switched(other, member, slow))
        self._running = {member: self._running[member]}
        self.winner = member
        return moves

    def _is_to_blame(self, member: int, failure: ReparteeError) -> bool:
        """Whether others would fare no better with it. Where a service doesn't say what it has
        against a request, one that has never answered may be set up wrongly."""
        if isinstance(failure, BadInput):
            return False
        blamed = failure.blamed if isinstance(failure, EngineError) else "engine"
        proven = self._standing.breakers[member].proven
        return blamed == "engine" or (blamed == "either" and not proven)

    def _hedge_at(self, now: float) -> float | None:
        """When a second one is to be started beside the only one that runs."""
        if len(self._running) != 1 or self._rules.deadline_s is None:
            return None
        ((member, since),) = self._running.items()
        is_hedged = self._rules.hedge or not self._standing.breakers[member].working
        if not is_hedged or self._standing.healthy(self._among, self._tried, now) is None:
            return None
        return since + self._rules.deadline_s / 2
