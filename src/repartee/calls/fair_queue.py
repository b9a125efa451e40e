"""So many at a time, and whoever has to wait is let in by turns with the others who do.

Each payer has a line of its own, and the lines are served one after the other: who asks for a
hundred things keeps nobody waiting for more than one of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from repartee.calls.clock import now
from repartee.calls.shares import Shares, payer

MOST_WAITING = 64
_FIRST_GUESS_SECONDS = 1.0
_NEWEST_COUNTS = 0.25

LetOthers = Callable[[], Awaitable[None]]
"""In the middle of long work: those of others who wait go first."""


class FairQueue:
    def __init__(self, at_once: int, what: str, most_waiting: int = MOST_WAITING) -> None:
        """`what` waits here, as in "All 64 places for … are taken"."""
        self.at_once = at_once
        self.free = at_once
        self._room = Shares(most_waiting, f"places for {what}", self._free_again)
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}
        """Who waits, by payer; the line that is served next comes first."""
        self._let_in_at = 0.0
        self._pace_s = _FIRST_GUESS_SECONDS
        """From one who is let in to the next, while some wait."""

    def __repr__(self) -> str:
        return f"<FairQueue, {self.free} of {self.at_once} free, {self.waiting} wait>"

    @property
    def waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    @property
    def next_in_s(self) -> float:
        """When somebody else is likely to be let in, for all that is known."""
        return max(self._pace_s, now() - self._let_in_at)

    # ------------------------------------------------------------ coming and going

    async def enter(self) -> None:
        """As soon as it is one's turn; refused at once when too many wait."""
        if self.free:
            self.enter_at_once()
            return
        with self._room.share():
            who, turn = payer.get(), _turn()
            self._lines.setdefault(who, deque()).append(turn)
            await self._come(who, turn)

    def check_room(self) -> None:
        """An error if whoever asks could not even wait."""
        if (refusal := self._room.refusal()) is not None:
            raise refusal

    def enter_at_once(self) -> None:
        """For who has seen that there is a place."""
        self.free -= 1
        self._let_in_at = now()

    def leave(self) -> None:
        self.free += 1
        self._let_in_next()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[LetOthers]:
        await self.enter()
        held = True

        async def let_others() -> None:
            nonlocal held
            who = payer.get()
            if self._lines.keys() <= {who}:
                return
            turn = _turn()
            line = self._lines.pop(who, deque())
            line.appendleft(turn)  # before what they have not even begun
            self._lines[who] = line
            held = False
            self.leave()
            await self._come(who, turn)
            held = True

        try:
            yield let_others
        finally:
            if held:
                self.leave()

    # ------------------------------------------------------------ waiting

    async def _come(self, who: str, turn: asyncio.Future[None]) -> None:
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(who, turn)
            else:  # let in, and gone in the same moment
                self.leave()
            raise

    def _forget(self, who: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(who, deque())
        if turn in line:
            line.remove(turn)
            if not line:
                del self._lines[who]

    def _let_in_next(self) -> None:
        """The first of the line that is served next; the rest of that line comes last."""
        while self._lines:
            who = next(iter(self._lines))
            line = self._lines.pop(who)
            turn = line.popleft()
            if line:
                self._lines[who] = line
            if not turn.done():  # who has just gone may still stand here
                self._pace_s += _NEWEST_COUNTS * (now() - self._let_in_at - self._pace_s)
                self.enter_at_once()
                turn.set_result(None)
                return

    def _free_again(self, who: str, missing: int) -> float:
        """Of all who wait the next one is soon let in; of theirs, when each line had its turn."""
        return self.next_in_s * missing * (len(self._lines) if who else 1)


def _turn() -> asyncio.Future[None]:
    """Done when it has come."""
    return asyncio.get_running_loop().create_future()
