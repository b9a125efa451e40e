"""Which caller's words lie in which slot of the model's memory.

A model reads on from what it has read before, if it finds that in the same slot again. So a
caller keeps a slot for as long as it can, and only the slot that was idle the longest is taken
over by somebody else. When every slot is writing, the next callers wait in order.
"""

from __future__ import annotations

import asyncio
from collections import deque

from repartee.engines.llm.window import Window
from repartee.errors import Refused

MOST_WAITING = 16


class Seat:
    """One caller's place before the model, and what it has read of this caller so far."""

    __slots__ = ("read", "window")

    def __init__(self, window: Window) -> None:
        self.window = window
        self.read = ""


class Slot:
    __slots__ = ("busy", "holder", "index", "last_used", "tidy")

    def __init__(self, index: int) -> None:
        self.index = index
        self.holder: Seat | None = None
        self.busy = False
        self.tidy = True
        """Nothing of a former holder is in it."""
        self.last_used = 0

    def __repr__(self) -> str:
        state = "busy" if self.busy else "idle"
        return f"<Slot {self.index} {state} {'held' if self.holder else 'free'}>"


class Slots:
    def __init__(self, count: int) -> None:
        self._slots = [Slot(index) for index in range(count)]
        self._waiting: deque[tuple[Seat, asyncio.Future[Slot]]] = deque()
        self._uses = 0

    def __repr__(self) -> str:
        return f"<Slots {self._slots} {len(self._waiting)} waiting>"

    def take_idle(self, seat: Seat) -> Slot | None:
        """A slot for this caller if there is one right now: its own, a free or the idlest one."""
        own = next((slot for slot in self._slots if slot.holder is seat), None)
        if own:
            return None if own.busy else self._occupy(own, seat)
        idle = [slot for slot in self._slots if not slot.busy]
        if not idle:
            return None
        return self._occupy(min(idle, key=lambda slot: (bool(slot.holder), slot.last_used)), seat)

    async def take(self, seat: Seat) -> Slot:
        """A slot for this caller, as soon as there is one."""
        if slot := self.take_idle(seat):
            return slot
        if len(self._waiting) >= MOST_WAITING:
            raise Refused("The language model is busy; try again in a moment.")
        turn: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append((seat, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back(turn.result())
            raise
        finally:
            if (seat, turn) in self._waiting:
                self._waiting.remove((seat, turn))

    def give_back(self, slot: Slot) -> None:
        """The slot is idle again; its holder keeps it until somebody else needs it."""
        slot.busy = False
        for seat, turn in list(self._waiting):
            if not turn.done() and (idle := self.take_idle(seat)):
                turn.set_result(idle)

    def leave(self, seat: Seat) -> None:
        """The caller has gone, and its slot is free."""
        for slot in self._slots:
            if slot.holder is seat:
                slot.holder = None
                slot.tidy = False

    def take_untidy(self) -> Slot | None:
        """An idle slot that holds words of a caller who has gone, to be tidied up."""
        for slot in self._slots:
            if not (slot.busy or slot.tidy or slot.holder):
                slot.busy = True
                return slot
        return None

    def _occupy(self, slot: Slot, seat: Seat) -> Slot:
        if slot.holder is not seat:
            slot.tidy = slot.tidy and slot.holder is None
            slot.holder = seat
            seat.read = ""
        self._uses += 1
        slot.last_used = self._uses
        slot.busy = True
        return slot
