"""One turn, heard by engines that stand in for one another.

The turn's sound is kept until it is over, so that an engine that comes late hears it from the
beginning: no word is lost on the way from one to the next. What is told of the turn is always one
engine's: nothing that another thought is mixed in.

Whatever happens is taken to the race at once, and what the race wants is done at once; only
`settle` and `partials` wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from repartee.engines.chain.members import LEAVING_S, Members
from repartee.engines.chain.race import Move, Race, Start, Switched
from repartee.engines.chain.seat import Seat, TurnSound
from repartee.engines.protocols import Hearing, Recognizer, Samples, Transcript
from repartee.engines.standby import standing_by
from repartee.errors import EngineFailed, ReparteeError

Listen = Callable[[int], AbstractAsyncContextManager[Hearing]]


class ChainHearing:
    def __init__(self, members: Members[Recognizer], race: Race, listen: Listen) -> None:
        self._members = members
        self._race = race
        self._listen = listen
        self._sound = TurnSound()
        self._seats: dict[int, Seat] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._asked = False
        self._left = False
        self._turn_to_ask = asyncio.Lock()
        self._changed = asyncio.Event()
        self._heed(race.begin(self._loop.time()))
        self._rearm()

    def __repr__(self) -> str:
        return f"<ChainHearing {self._race!r}>"

    # ------------------------------------------------------------ for the caller

    def feed(self, samples: Samples) -> None:
        self._sound.take(samples)
        for seat in tuple(self._seats.values()):
            seat.feed(samples)

    async def partials(self) -> AsyncIterator[str]:
        told = ""
        while not self._left:
            if self._race.failure is not None:
                raise self._race.failure
            if (text := self._partial()) != told:
                told = text
                yield text
            else:
                await self._change()

    async def settle(self) -> Transcript:
        async with self._turn_to_ask:
            self._asked = True
            self._race.ask(self._loop.time())
            for seat in self._seats.values():
                seat.ask()
            try:
                self._rearm()
                return await self._answer()
            finally:
                self._asked = False
                for seat in self._seats.values():
                    seat.hush()
                self._call_off()

    async def leave(self) -> None:
        """The turn is over; whoever hears it stops."""
        self._left = True
        if self._timer is not None:
            self._timer.cancel()
        tasks = [task for member in list(self._seats) for task in self._leave(member)]
        self._tell()
        if tasks:
            await asyncio.wait(tasks, timeout=LEAVING_S)

    # ------------------------------------------------------------ inside

    async def _answer(self) -> Transcript:
        while True:
            if self._race.failure is not None:
                raise self._race.failure
            if self._left:
                raise EngineFailed("This turn is over.")
            winner = self._race.winner
            if winner is not None and (answer := self._seats[winner].transcript) is not None:
                return answer
            await self._change()

    def _call_off(self) -> None:
        """The speaker went on; nobody is late any more, but for one that has not even opened."""
        first = next(iter(self._seats.values()), None)
        if self._race.waits and first is not None and first.open:
            self._heed(self._race.call_off())
            self._rearm()

    def _partial(self) -> str:
        """What the engine thinks that hears this turn: the winner, or else the first at it."""
        member = self._race.winner
        if member is None:
            member = next(iter(self._seats), None)
        return "" if member is None else self._seats[member].partial

    def _seat_changed(self, member: int) -> None:
        seat = self._seats.get(member)
        if seat is None or self._left:
            return
        now = self._loop.time()
        if seat.failure is not None:
            self._heed(self._lost(member, seat.failure, now))
        elif seat.transcript is not None:
            self._heed(self._race.answered(member, now))
        elif seat.open and not self._asked and self._race.winner is None:
            self._heed(self._race.ready(member, now))
        self._rearm()

    def _lost(self, member: int, problem: Exception, now: float) -> Sequence[Move]:
        failure: ReparteeError = self._members.broke(member, problem)
        if self._sound.whole:
            return self._race.failed(member, failure, now)
        return self._race.broke_off(member, failure, now)  # nobody could hear it from the beginning

    def _time_passed(self) -> None:
        self._timer = None
        if self._sound.whole:
            self._heed(self._race.time_passed(self._loop.time()))
        self._rearm()

    def _rearm(self) -> None:
        self._tell()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_at = self._race.deadline(self._loop.time())
        if due_at is not None and self._sound.whole and not self._left:
            self._timer = self._loop.call_at(due_at, self._time_passed)

    def _heed(self, moves: Sequence[Move]) -> None:
        for move in moves:
            match move:
                case Start(member):
                    self._sit_down(member)
                case Switched():
                    self._members.switched(move)
                case _:
                    self._leave(move.member)

    def _sit_down(self, member: int) -> None:
        with standing_by(self._race.has_rival(self._loop.time())):
            seat = Seat(self._listen(member), self._sound, lambda: self._seat_changed(member))
        self._seats[member] = seat
        if self._asked:
            seat.ask()

    def _leave(self, member: int) -> list[asyncio.Task[None]]:
        tasks = self._seats.pop(member).leave()
        for task in tasks:
            self._members.left(task)
        return tasks

    async def _change(self) -> None:
        await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
