"""For recognisers that take sound as it comes: a thread follows each turn while it is spoken.

The model is shared by every call; an `Ear` is one turn inside its library. A few threads serve
all ears in turns: each takes what has come in for one of them since the last time, so a busy
machine hears in larger portions, and a turn that settles is never far behind. Somebody who leaves
is noticed within such a portion, after every second of sound in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

import numpy as np

from repartee.engines.blocking import Crew
from repartee.engines.local.library import library, loaded
from repartee.engines.local.windowed import Wave, wave_of
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, Transcript
from repartee.engines.stt.artefacts import heard_in, plausible
from repartee.errors import BadInput, EngineFailed, ReparteeError, RequestRefused

STEP_SAMPLES = LISTENING_RATE_HZ // 10
"""Sound is handed on in portions of this length at least."""
MOST_UNHEARD_SAMPLES = 120 * LISTENING_RATE_HZ
MOST_SAMPLES = 600 * LISTENING_RATE_HZ


class Ear(Protocol):
    """One turn inside a library. Used by one thread at a time."""

    def hear(self, sound: Wave) -> str:
        """Take this sound; the words so far."""

    def conclude(self) -> Transcript:
        """The best transcript of all of it. More may follow."""

    def close(self) -> None: ...


class Ears:
    """A model, the threads that may use it at once, and an ear for each turn."""

    def __init__(
        self,
        name: str,
        load: Callable[[], Callable[[], Ear]],
        *,
        languages: Sequence[str],
        at_once: int,
    ) -> None:
        """`load` runs in a thread, once; what it returns makes an ear."""
        self._name = name
        self._load = load
        self._languages = languages
        self._at_once = at_once
        self._crew: Crew | None = None
        self._grow: Callable[[], Ear] | None = None

    def __repr__(self) -> str:
        return f"<{self._name} {'open' if self._grow else 'closed'}>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew(self._name, self._at_once)
        try:
            self._grow = await self._crew.run(partial(loaded, self._name, self._load))
        except BaseException:
            await self.close()
            raise

    @asynccontextmanager
    async def listen(self, language: str) -> AsyncIterator[StreamedHearing]:
        if language.lower().replace("_", "-").partition("-")[0] not in self._languages:
            raise BadInput(
                f"The model of the {self._name} engine understands {', '.join(self._languages)}"
                " only.",
                hint="Choose another model or another recogniser for this language.",
            )
        if self._crew is None or self._grow is None:
            raise EngineFailed(f"The {self._name} engine is not open.")
        hearing = StreamedHearing(self._name, self._crew, self._grow)
        try:
            yield hearing
        finally:
            hearing.leave()

    async def close(self) -> None:
        crew, self._crew, self._grow = self._crew, None, None
        if crew is not None:
            await crew.close()


class StreamedHearing:
    """One turn of one caller. Places in it are counted in samples fed."""

    def __init__(self, name: str, crew: Crew, grow: Callable[[], Ear]) -> None:
        self._name = name
        self._crew = crew
        self._grow = grow
        self._ear: Ear | None = None
        self._unheard: list[Samples] = []
        self._fed = self._heard = self._asked = self._covered = 0
        self._partial = ""
        self._transcript = Transcript("", 0.0)
        self._failure: ReparteeError | None = None
        self._left = False
        self._outcome: Future[None] | None = None
        self._changed = asyncio.Event()

    def feed(self, samples: Samples) -> None:
        if self._left or self._failure or not len(samples):
            return
        self._fed += len(samples)
        self._unheard.append(samples)
        if self._fed > MOST_SAMPLES or self._fed - self._heard > MOST_UNHEARD_SAMPLES:
            self._fail(
                RequestRefused("This turn is too long to be recognised; pause now and then.")
            )
        self._go_on()

    async def partials(self) -> AsyncIterator[str]:
        told = ""
        while not self._left:
            if self._failure:
                raise self._failure
            if told == self._partial:
                await self._changed.wait()
            else:
                told = self._partial
                yield told

    async def settle(self) -> Transcript:
        wanted = self._asked = self._fed
        self._go_on()
        while self._covered < wanted:
            if self._failure:
                raise self._failure
            if self._left:
                raise EngineFailed("This turn is over.")
            await self._changed.wait()
        return self._transcript

    def leave(self) -> None:
        self._left = True
        self._unheard.clear()
        self._go_on()
        self._tell()

    def _go_on(self) -> None:
        """Have a thread do what there is to do, unless one is at it."""
        if self._outcome or not (work := self._next_work()):
            return
        try:
            self._outcome = self._crew.start(work, at_end=self._ended)
        except EngineFailed as closed:
            self._fail(closed)

    def _next_work(self) -> Callable[[], None] | None:
        if self._left or self._failure:
            ear, self._ear = self._ear, None
            return ear.close if ear else None
        settling = self._asked > self._covered
        if self._fed - self._heard < STEP_SAMPLES and not settling:
            return None
        sound = np.concatenate(self._unheard) if self._unheard else None
        self._unheard.clear()
        self._heard = self._fed
        return partial(self._work, sound, self._fed if settling else 0)

    def _work(self, sound: Samples | None, settles: int) -> None:
        """Runs in a thread. What it leaves behind is looked at when it has ended."""
        with library(self._name, "listening"):
            self._ear = self._ear or self._grow()
            for second in _seconds(sound):
                if self._left:
                    return
                self._partial = heard_in(self._ear.hear(wave_of(second)))
            if settles and not self._left:
                self._transcript = plausible(self._ear.conclude())
                self._covered = settles

    def _ended(self) -> None:
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return  # it never began, because the engine is closed
        if outcome.cancelled():
            self._fail(EngineFailed(f"The {self._name} engine is closed."))
        elif isinstance(failure := outcome.exception(), ReparteeError):
            self._fail(failure)
        self._tell()
        self._go_on()

    def _fail(self, failure: ReparteeError) -> None:
        self._failure = self._failure or failure
        self._unheard.clear()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _seconds(sound: Samples | None) -> Iterator[Samples]:
    """This sound, a second at a time."""
    if sound is not None:
        for begin in range(0, len(sound), LISTENING_RATE_HZ):
            yield sound[begin : begin + LISTENING_RATE_HZ]
