"""The calls that are live: who may come in, and how all of them come to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NoReturn, Protocol

import anyio

from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.pressure import NO_PRESSURE, Pressure
from repartee.calls.refusals import LimitReached, TryLater

_FREE_AGAIN_SECONDS = 10.0
"""Nobody knows when somebody hangs up."""
_BETTER_AGAIN_SECONDS = 15.0
_BACK_AGAIN_SECONDS = 5.0
"""So long a server takes from its end until it is there again."""
_ELSEWHERE_SECONDS = 1.0
"""So soon a call can go on at another server."""
_FAREWELLS_SECONDS = 2.0
"""For telling everybody that their call is over."""
_LOOK_EVERY_SECONDS = 0.1

Reason = Literal["draining", "full", "overloaded", "limit"]
Basis = Literal["settings", "cores", "measured"]
"""Where the number of places comes from: somebody said it, the cores of the machine let expect it
until more is known, or the engines were measured."""


class Line(Protocol):
    """What the roster has to know of a call, or of who only sends requests over a socket."""

    id: str

    @property
    def engaged(self) -> bool:
        """Somebody speaks, or is owed an answer, or is being answered."""

    @property
    def in_haste(self) -> bool:
        """Somebody waits for the first sound."""


class Roster:
    """A place is taken before anything is waited for, so that there are never too many."""

    def __init__(
        self, max_calls: int, pressure: Pressure = NO_PRESSURE, most_each: int = 0
    ) -> None:
        """`most_each`: the places that one holder may have; 0 is no limit."""
        self._max_calls = max_calls
        self._pressure = pressure
        self._most_each = most_each
        self._carried = max_calls
        self.basis: Basis = "settings"
        self._places: dict[str, str] = {}
        """Whose place it is, by the id of the call."""
        self._lines: dict[str, tuple[Line, anyio.CancelScope]] = {}
        self._changed = anyio.Event()
        self.draining = False
        self.others_go_on = False
        """Whether there are other servers of the same database, at which a call can go on."""
        self._gone_by = 0.0
        """When the last call has ended that may still come to its end."""
        self.refused: Counter[Reason] = Counter()
        """How often somebody was not let in, and why."""

    def __repr__(self) -> str:
        return f"<Roster {len(self)} of {self.most} calls>"

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for line, _ in self._lines.values())

    @property
    def calls(self) -> tuple[Call, ...]:
        """Those on which people talk."""
        return tuple(line for line in self.lines if isinstance(line, Call))

    @property
    def engaged(self) -> bool:
        """Whether there is a line on which somebody speaks or is answered."""
        return any(line.engaged for line in self.lines)

    @property
    def in_haste(self) -> int:
        """How many of them owe somebody an answer of which nothing is heard yet."""
        return sum(line.in_haste for line in self.lines)

    # ------------------------------------------------------------ room

    @property
    def most(self) -> int:
        """So many calls at a time."""
        return min(self._max_calls, self._carried)

    def carry(self, places: int, basis: Basis) -> None:
        """So many at a time from now on. Nobody who is there has to leave."""
        self._carried, self.basis = max(1, places), basis

    @property
    def free(self) -> int:
        if self.draining or not self._pressure.lets_in:
            return 0
        return max(0, self.most - len(self._places))

    def check_open(self) -> None:
        """For work that needs no place."""
        if self.draining:
            self._refuse(*self._leaving())

    def check_room(self) -> None:
        if (refusal := self.refusal()) is not None:
            self._refuse(*refusal)

    def refusal(self) -> tuple[Reason, TryLater] | None:
        """What a new call would be told, if it would not be let in."""
        if self.draining:
            return self._leaving()
        if len(self._places) >= self.most:
            sentence = f"All {self.most} places are taken."
            return "full", TryLater(sentence, _FREE_AGAIN_SECONDS)
        if not self._pressure.lets_in:
            return "overloaded", TryLater("The server has too much to do.", _BETTER_AGAIN_SECONDS)
        return None

    @contextmanager
    def place(self, call_id: str, holder: str = "") -> Iterator[None]:
        """A place for this call, from now until this is left; or it is said why there is none."""
        self.check_room()
        if call_id in self._places:
            raise TryLater("This conversation goes on on another line.", _FREE_AGAIN_SECONDS)
        if holder and self._most_each:
            held = sum(other == holder for other in self._places.values())
            if held >= self._most_each:
                sentence = f"The limit of {self._most_each} calls at the same time is reached."
                self._refuse("limit", LimitReached(sentence, _FREE_AGAIN_SECONDS))
        self._places[call_id] = holder
        try:
            yield
        finally:
            self._places.pop(call_id, None)

    @property
    def back_in_seconds(self) -> float:
        """When a server that goes is there again, at the latest."""
        return max(0.0, self._gone_by - now()) + _BACK_AGAIN_SECONDS

    @property
    def resumed_in_seconds(self) -> float:
        """When whoever is sent away finds somebody: not before this server is there again, unless
        there are others."""
        return _ELSEWHERE_SECONDS if self.others_go_on else self.back_in_seconds

    def _leaving(self) -> tuple[Reason, TryLater]:
        return "draining", TryLater("The server is shutting down.", self.back_in_seconds)

    def _refuse(self, reason: Reason, refusal: TryLater) -> NoReturn:
        self.refused[reason] += 1
        raise refusal

    def enter(self, line: Line, scope: anyio.CancelScope) -> None:
        self._places.setdefault(line.id, "")
        self._lines[line.id] = (line, scope)

    def leave(self, line: Line) -> None:
        self._places.pop(line.id, None)
        self._lines.pop(line.id, None)
        self._changed.set()
        self._changed = anyio.Event()

    # ------------------------------------------------------------ the end

    async def hang_up(self, call_id: str, within_seconds: float = 2.0) -> None:
        """End this call, if it is live, and wait until it is over."""
        if call_id not in self._lines:
            return
        self._lines[call_id][1].cancel()
        with anyio.move_on_after(within_seconds):
            while call_id in self._lines:
                await self._changed.wait()

    def let_nobody_in(self, seconds: float) -> None:
        """The server goes, and what was begun may go on for so long."""
        self.draining, self._gone_by = True, now() + seconds

    async def drain(self, seconds: float) -> None:
        """Let nobody in, let whoever speaks be answered to the end, then end every call.

        Calls on which nothing is going on end at once. A microphone that never falls silent, or an
        answer without an end, is cut off when the time is over.
        """
        self.let_nobody_in(seconds)
        with anyio.move_on_after(seconds):
            while self._lines:
                for line, scope in list(self._lines.values()):
                    if not line.engaged:
                        scope.cancel()
                with anyio.move_on_after(_LOOK_EVERY_SECONDS):
                    await self._changed.wait()
        for _, scope in list(self._lines.values()):
            scope.cancel()
        with anyio.move_on_after(_FAREWELLS_SECONDS):
            while self._lines:
                await self._changed.wait()
