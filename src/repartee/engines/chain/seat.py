"""One engine's place in a turn that is being heard: its hearing, in a task of its own.

It opens there, hears all of the turn's sound from the beginning, and is left by cancelling the
task, however far it got.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import numpy as np

from repartee.engines.protocols import Hearing, Samples, Transcript
from repartee.errors import RequestRefused

MOST_SAMPLES = 600 * 16_000
"""No turn is longer than ten minutes; of one that is, nothing can be heard again."""


class TurnSound:
    """The sound of one turn, kept until its end."""

    def __init__(self) -> None:
        self.samples = 0
        self._pieces: list[Samples] = []

    @property
    def whole(self) -> bool:
        """Whether all of it is still here."""
        return self.samples <= MOST_SAMPLES

    def take(self, piece: Samples) -> None:
        self.samples += len(piece)
        if self.whole:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def all(self) -> Samples:
        """Everything so far, kept as one piece from now on."""
        if not self.whole:
            raise RequestRefused("This turn is too long to be recognised; pause now and then.")
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0] if self._pieces else np.zeros(0, np.int16)


class Seat:
    def __init__(
        self,
        hearing: AbstractAsyncContextManager[Hearing],
        sound: TurnSound,
        changed: Callable[[], None],
    ) -> None:
        """`changed`: it is open, has another partial, has settled, or has failed."""
        self.partial = ""
        self.transcript: Transcript | None = None
        """The answer to the latest question."""
        self.failure: Exception | None = None
        self._hearing: Hearing | None = None
        self._sound = sound
        self._changed = changed
        self._asked = False
        self._settling: asyncio.Task[None] | None = None
        self.task = asyncio.create_task(self._sit(hearing))

    @property
    def open(self) -> bool:
        return self._hearing is not None

    def feed(self, samples: Samples) -> None:
        """What comes before it is open is in the turn's sound."""
        if self._hearing is not None and self.failure is None:
            try:
                self._hearing.feed(samples)
            except Exception as failure:
                self._fail(failure)

    def ask(self) -> None:
        """What was said so far? It answers when it is open."""
        self.hush()
        self._asked = True
        if self._hearing is not None:
            self._settling = asyncio.create_task(self._settle(self._hearing))

    def hush(self) -> None:
        """Nobody wants to know any more."""
        self._asked, self.transcript = False, None
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def leave(self) -> list[asyncio.Task[None]]:
        """It is left; the tasks that have to end yet."""
        tasks = [task for task in (self._settling, self.task) if task is not None]
        self.hush()
        self.task.cancel()
        return tasks

    async def _sit(self, listening: AbstractAsyncContextManager[Hearing]) -> None:
        try:
            async with listening as hearing:
                if self._sound.samples:
                    hearing.feed(self._sound.all())
                self._hearing = hearing
                if self._asked:
                    self.ask()
                self._changed()
                async for self.partial in hearing.partials():
                    self._changed()
                await asyncio.Event().wait()
        except Exception as failure:
            self._fail(failure)

    async def _settle(self, hearing: Hearing) -> None:
        try:
            self.transcript = await hearing.settle()
        except Exception as failure:
            self._fail(failure)
        else:
            self._changed()

    def _fail(self, failure: Exception) -> None:
        self.failure = failure
        self._changed()
