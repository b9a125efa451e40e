"""The calls that are live: who may come in, and how all of them come to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NoReturn

import anyio

from repartee.calls.call import Call
from repartee.calls.pressure import NO_PRESSURE, Pressure
from repartee.calls.refusals import LimitReached, TryLater

_FREE_AGAIN_SECONDS = 10.0
"""Nobody knows when somebody hangs up."""
_BETTER_AGAIN_SECONDS = 15.0
_BACK_AGAIN_SECONDS = 5.0
_FAREWELLS_SECONDS = 2.0
"""For telling everybody that their call is over."""

Reason = Literal["draining", "full", "overloaded", "limit"]


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
        self._places: dict[str, str] = {}
        """Whose place it is, by the id of the call."""
        self._calls: dict[str, tuple[Call, anyio.CancelScope]] = {}
        self._changed = anyio.Event()
        self.draining = False
        self.refused: Counter[Reason] = Counter()
        """How often somebody was not let in, and why."""

    def __repr__(self) -> str:
        return f"<Roster {len(self)} of {self.most} calls>"

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for call, _ in self._calls.values())

    @property
    def in_haste(self) -> int:
        """How many of them owe somebody an answer of which nothing is heard yet."""
        return sum(call.in_haste for call in self.calls)

    # ------------------------------------------------------------ room

    @property
    def most(self) -> int:
        """So many calls at a time."""
        return min(self._max_calls, self._carried)

    def carry(self, places: int) -> None:
        """The machine was measured. Nobody who is there has to leave."""
        self._carried = max(1, places)

    @property
    def free(self) -> int:
        if self.draining or not self._pressure.lets_in:
            return 0
        return max(0, self.most - len(self._places))

    def check_open(self) -> None:
        """For who has a place already."""
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

    def _leaving(self) -> tuple[Reason, TryLater]:
        return "draining", TryLater("The server is shutting down.", _BACK_AGAIN_SECONDS)

    def _refuse(self, reason: Reason, refusal: TryLater) -> NoReturn:
        self.refused[reason] += 1
        raise refusal

    def enter(self, call: Call, scope: anyio.CancelScope) -> None:
        self._places.setdefault(call.id, "")
        self._calls[call.id] = (call, scope)

    def leave(self, call: Call) -> None:
        self._places.pop(call.id, None)
        self._calls.pop(call.id, None)
        self._changed.set()
        self._changed = anyio.Event()

    # ------------------------------------------------------------ the end

    async def hang_up(self, call_id: str, within_seconds: float = 2.0) -> None:
        """End this call, if it is live, and wait until it is over."""
        if call_id not in self._calls:
            return
        self._calls[call_id][1].cancel()
        with anyio.move_on_after(within_seconds):
            while call_id in self._calls:
                await self._changed.wait()

    async def drain(self, seconds: float) -> None:
        """Let nobody in, let replies that are being heard end, then end every call."""
        self.draining = True
        with anyio.move_on_after(seconds):
            while self._calls:
                for call, scope in list(self._calls.values()):
                    if call.conversation.replies.audible is None:
                        scope.cancel()
                with anyio.move_on_after(0.1):
                    await self._changed.wait()
        for _, scope in list(self._calls.values()):
            scope.cancel()
        with anyio.move_on_after(_FAREWELLS_SECONDS):
            while self._calls:
                await self._changed.wait()
