"""One question to engines that answer in pieces: the awaiting part of a race.

Every engine is drawn from by a task of its own, so that one that is broken off keeps nobody
waiting while it clears up, and is only a few pieces ahead of whoever takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from repartee.engines.chain.members import LEAVING_S, Members, SomeEngine
from repartee.engines.chain.race import Move, Race, Start, Switched
from repartee.engines.standby import standing_by
from repartee.errors import BadInput, EngineTimeout

T = TypeVar("T")

AHEAD = 4
"""Pieces that may wait to be taken."""


class Attempt(Generic[T]):
    """One engine's answer under way; `changed` is called when it begins, and when it ends."""

    def __init__(self, stream: AsyncGenerator[T], changed: Callable[[], None]) -> None:
        self.begun = False
        """There is a piece of it, or it is over."""
        self.failure: Exception | None = None
        self._waiting: deque[T] = deque()
        self._over = False
        self._came, self._room = asyncio.Event(), asyncio.Event()
        self._changed = changed
        self.task = asyncio.create_task(self._draw(stream))

    @property
    def lags(self) -> bool:
        """Whoever wants the next piece has to wait for it."""
        return not self._waiting

    async def next(self) -> T | None:
        """The next piece; None at the end."""
        while not self._waiting:
            if self.failure is not None:
                raise self.failure
            if self._over:
                return None
            self._came.clear()
            await self._came.wait()
        self._room.set()
        return self._waiting.popleft()

    async def _draw(self, stream: AsyncGenerator[T]) -> None:
        try:
            async with aclosing(stream):
                async for piece in stream:
                    self._waiting.append(piece)
                    self._came.set()
                    if not self.begun:
                        self._begin()
                    while len(self._waiting) >= AHEAD:
                        self._room.clear()
                        await self._room.wait()
        except Exception as failure:
            self.failure = failure
        else:
            self._over = True
        self._came.set()
        self._begin()

    def _begin(self) -> None:
        self.begun = self.failure is None
        self._changed()


class Relay(Generic[T]):
    def __init__(
        self,
        members: Members[SomeEngine],
        ask: Callable[[int], AsyncGenerator[T]],
        *,
        patience: Callable[[float], float],
        resumes: bool,
        order: Sequence[int] | None = None,
    ) -> None:
        """`patience` says how long, from now, the next piece of an answer that has begun may take
        while another engine stands by. `resumes`: when an answer breaks off in its midst, `ask`
        the next engine for the rest. `order` is that in which they are asked, if not as usual."""
        self._members = members
        self._ask = ask
        self._patience = patience
        self._resumes = resumes
        self._race: Race = members.race(order)
        self._attempts: dict[int, Attempt[T]] = {}
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._heed(self._race.begin(self._loop.time()))

    async def next(self) -> T | None:
        """The next piece of the answer, whoever gives it; None at its end."""
        while True:
            member = self._race.winner
            if member is None:
                member = await self._answerer()
            try:
                piece = await self._piece_of(self._attempts[member])
            except BadInput:
                raise
            except Exception as problem:
                failure = self._members.broke(member, problem)
                if not self._resumes:
                    self._heed(self._race.broke_off(member, failure, self._loop.time()))
                    raise failure from problem
                self._heed(self._race.failed(member, failure, self._loop.time()))
            else:
                if piece is None:
                    self._heed(self._race.answered(member, self._loop.time()))
                return piece

    async def leave(self) -> None:
        """Whoever is still at it stops, for the answer is complete or not wanted any more."""
        tasks = [self._leave(member) for member in list(self._attempts)]
        unfinished = [task for task in tasks if not task.done()]
        if unfinished:
            await asyncio.wait(unfinished, timeout=LEAVING_S)

    async def _piece_of(self, attempt: Attempt[T]) -> T | None:
        now = self._loop.time()
        if not (attempt.lags and self._race.has_rival(now)):
            return await attempt.next()
        within = asyncio.timeout(self._patience(now))
        try:
            async with within:
                return await attempt.next()
        except TimeoutError:
            if not within.expired():
                raise
            raise EngineTimeout("It fell silent in the midst of its answer.") from None

    async def _answerer(self) -> int:
        """Who answers, once somebody does."""
        race = self._race
        while race.waits:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(race.deadline(self._loop.time())):
                    await self._changed.wait()
            self._look(self._loop.time())
        if race.winner is None:
            assert race.failure is not None, "a race is won or lost"
            raise race.failure
        return race.winner

    def _look(self, now: float) -> None:
        for member, attempt in list(self._attempts.items()):
            if member not in self._attempts:
                continue  # another one has just won
            if isinstance(attempt.failure, BadInput):
                raise attempt.failure  # no other engine would make anything of it
            if attempt.begun:
                self._heed(self._race.ready(member, now))
            elif attempt.failure is not None:
                failure = self._members.broke(member, attempt.failure)
                self._heed(self._race.failed(member, failure, now))
        self._heed(self._race.time_passed(now))

    def _heed(self, moves: Sequence[Move]) -> None:
        for move in moves:
            match move:
                case Start(member):
                    with standing_by(self._race.has_rival(self._loop.time())):
                        self._attempts[member] = Attempt(self._ask(member), self._changed.set)
                case Switched():
                    self._members.switched(move)
                case _:
                    self._leave(move.member)

    def _leave(self, member: int) -> asyncio.Task[None]:
        task = self._attempts.pop(member).task
        task.cancel()
        self._members.left(task)
        return task
