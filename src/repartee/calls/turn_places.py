"""Places for the turns of those who are not on the line: so many are answered at a time.

Each turn hears, thinks and speaks, and a crowd of them would leave a live call no machine to be
heard on. So the others wait here, within bounds and payer by payer, and whoever gets a place lets
live calls in haste go first.

A recording may also be heard before anybody asks for its answer, in a place that nobody wants just
then. It is given up as soon as somebody does.
"""

from __future__ import annotations

from collections.abc import Callable

import anyio

from repartee.calls.courtesy import Courtesy
from repartee.calls.fair_queue import FairQueue
from repartee.calls.refusals import TryLater

WITHIN_SECONDS = 60.0
"""So long a turn may wait for its place."""


class TurnPlace:
    """One turn's, until it is left; it may be left more than once."""

    def __init__(self, places: TurnPlaces) -> None:
        self._places = places
        self.held = True

    def __repr__(self) -> str:
        return f"<TurnPlace {'held' if self.held else 'left'}>"

    def keep(self) -> None:
        """Its answer is asked for: nobody takes it back any more."""
        self._places.lent.pop(self, None)

    def leave(self) -> None:
        if self.held:
            self.held = False
            self._places.left(self)


class TurnPlaces:
    def __init__(self, at_once: int, courtesy: Courtesy | None = None) -> None:
        self._queue = FairQueue(at_once, "turns to be answered")
        self._courtesy = courtesy or Courtesy()
        self.lent: dict[TurnPlace, Callable[[], None]] = {}
        """For whose answers nobody waits yet, and how they are given up; the earliest first."""

    def __repr__(self) -> str:
        return f"<TurnPlaces, {self._queue.free} free, {self.waiting} turns wait>"

    @property
    def waiting(self) -> int:
        """Turns whose time has not come."""
        return self._queue.waiting

    async def take(self) -> TurnPlace:
        """A place, as soon as there is one; `Refused` when that takes too long."""
        if not self._queue.free:
            self._ask_for_one_back()
        try:
            with anyio.fail_after(WITHIN_SECONDS):
                await self._queue.enter()
        except TimeoutError:
            raise TryLater("The server has too much to do.", self._queue.next_in_s) from None
        place = TurnPlace(self)
        try:
            await self._courtesy.give_way()
        except BaseException:
            place.leave()
            raise
        return place

    def check_room(self) -> None:
        """An error if whoever asks could not even wait for a place."""
        if not self.lent:
            self._queue.check_room()

    def borrow(self, give_up: Callable[[], None]) -> TurnPlace | None:
        """A place that nobody wants now, if there is one. `give_up` is called when somebody does,
        and is to leave it."""
        if not self._queue.free or self._courtesy.is_asked_for:
            return None
        self._queue.enter_at_once()
        place = TurnPlace(self)
        self.lent[place] = give_up
        return place

    def left(self, place: TurnPlace) -> None:
        self.lent.pop(place, None)
        self._queue.leave()

    def _ask_for_one_back(self) -> None:
        if self.lent:
            place = next(iter(self.lent))
            self.lent[place]()
