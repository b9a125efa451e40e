"""For recognisers that read a recording at a time: partials by reading a growing window again.

One model serves every call, in a few threads of its own. Partials are worth only what is left
over: they wait until a thread is idle, they are given up when somebody wants a final transcript,
and each costs the next one as much sound as came in while it ran, so that they take half of a
call's time at most. A model that can't let go of a partial reads it in a thread of its own, so that
a final transcript never stands behind it. A final transcript is read from the whole turn, unless a
partial has just read all of it.

Sound is counted in samples, which is how the time passes of somebody who speaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import numpy as np
import numpy.typing as npt

from repartee.audio.pcm import FULL_SCALE
from repartee.engines.blocking import Crew
from repartee.engines.local.library import library, loaded
from repartee.engines.local.stopping import Abandoned, Wanted, while_wanted
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, Transcript
from repartee.engines.stt.artefacts import plausible
from repartee.engines.stt.upload import FEWEST_SAMPLES, MOST_SAMPLES
from repartee.errors import EngineFailed, Refused, RequestRefused

STEP_SAMPLES = LISTENING_RATE_HZ // 2
"""How much must be new for another partial."""
WINDOW_SAMPLES = 24 * LISTENING_RATE_HZ
"""Beyond this the words of a partial stand, and the window begins anew: Whisper hears 30 s at a
time, and the last of it best."""
MOST_WAITING = 64

Wave = npt.NDArray[np.float32]
"""Sound as neural networks take it: from -1 to 1, at 16 kHz."""
Read = Callable[[Wave, str, Wanted], Transcript]
"""What a model does, in a thread: the text of this sound in this language ("" to find out)."""


def wave_of(samples: Samples) -> Wave:
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


class Readers:
    """A model and the threads that may use it at once."""

    def __init__(
        self, name: str, load: Callable[[], Read], at_once: int, *, partials_apart: bool = False
    ) -> None:
        self._name = name
        self._load = load
        self._at_once = at_once
        self._partials_apart = partials_apart
        self._open_places()
        self._waiting = 0
        self._crew: Crew | None = None
        self._read: Read | None = None

    def __repr__(self) -> str:
        return f"<{self._name} {'open' if self._read else 'closed'}: {self._waiting} waiting>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew(self._name, self._at_once + self._partials_apart)
        self._open_places()
        try:
            self._read = await self._crew.run(partial(loaded, self._name, self._load))
        except BaseException:
            await self.close()
            raise

    @asynccontextmanager
    async def listen(self, language: str) -> AsyncIterator[WindowedHearing]:
        hearing = WindowedHearing(self, language)
        try:
            yield hearing
        finally:
            hearing.leave()

    @property
    def idle(self) -> bool:
        return not (self._free.locked() or self._spare.locked())

    @property
    def wanted_elsewhere(self) -> bool:
        """A partial keeps somebody waiting for a final transcript, or the processor from it."""
        return self._waiting > 0 or (self._partials_apart and self._free.locked())

    def _open_places(self) -> None:
        self._free = asyncio.Semaphore(self._at_once)
        self._spare = asyncio.Semaphore(1) if self._partials_apart else self._free

    async def read(
        self, samples: Samples, language: str, wanted: Wanted, *, final: bool = True
    ) -> Transcript:
        """What this sound says, as soon as a thread is free."""
        if self._read is None or self._crew is None:
            raise EngineFailed(f"The {self._name} engine is not open.")
        if self._waiting >= MOST_WAITING:
            raise Refused("The speech recogniser is busy; try again in a moment.")
        free = self._free if final else self._spare
        self._waiting += 1
        try:
            await free.acquire()
        finally:
            self._waiting -= 1
        left = False
        reading = partial(
            self._safely, self._read, samples, language, lambda: wanted() and not left
        )
        outcome = self._crew.start(reading, at_end=free.release)
        try:
            return await asyncio.wrap_future(outcome)
        finally:
            left = True  # a thread can't be stopped, but it looks up now and then

    def _safely(self, read: Read, samples: Samples, language: str, wanted: Wanted) -> Transcript:
        """Runs in a thread."""
        try:
            with library(self._name, "listening"), while_wanted(wanted):
                return plausible(read(wave_of(samples), language, wanted))
        except Abandoned:
            return Transcript("", 0.0)

    async def close(self) -> None:
        crew, self._crew, self._read = self._crew, None, None
        if crew is not None:
            await crew.close()


class WindowedHearing:
    """One turn of one caller. Places in it are counted in samples fed."""

    def __init__(self, readers: Readers, language: str) -> None:
        self._readers = readers
        self._language = language
        self._pieces: list[Samples] = []
        self._fed = self._covered = 0
        self._transcript = Transcript("", 0.0)
        self._window_begins = 0
        self._before = ""
        self._settling = 0
        self._left = False
        self._changed = asyncio.Event()

    def feed(self, samples: Samples) -> None:
        if self._left:
            return
        self._fed += len(samples)
        if self._fed <= MOST_SAMPLES:
            self._pieces.append(samples)
        else:
            self._pieces.clear()
        self._tell()

    async def partials(self) -> AsyncIterator[str]:
        told, due = "", STEP_SAMPLES
        while not self._left:
            if self._fed < due or self._fed > MOST_SAMPLES or self._busy:
                await self._changed.wait()
                continue
            begun = self._fed
            text = await self._partial()
            due = max(self._fed + (self._fed - begun), begun + STEP_SAMPLES)
            if text is not None and text != told and not self._left:
                told = text
                yield told

    async def settle(self) -> Transcript:
        wanted = self._fed
        if wanted > MOST_SAMPLES:
            raise RequestRefused("This turn is too long to be recognised; pause now and then.")
        if self._left:
            raise EngineFailed("This turn is over.")
        if wanted > max(self._covered, FEWEST_SAMPLES - 1):
            self._settling += 1
            try:
                transcript = await self._readers.read(
                    self._sound(0), self._language, lambda: not self._left
                )
            finally:
                self._settling -= 1
                self._tell()
            if self._left:
                raise EngineFailed("This turn is over.")
            self._covers(wanted, transcript)
        return self._transcript

    def leave(self) -> None:
        self._left = True
        self._pieces.clear()
        self._tell()

    @property
    def _busy(self) -> bool:
        return bool(self._settling) or not self._readers.idle

    async def _partial(self) -> str | None:
        """The words so far; None if somebody needed the thread for something better."""
        end = self._fed
        if self._covered == end:
            return self._transcript.text
        whole = True

        def wanted() -> bool:
            nonlocal whole
            whole = whole and not (self._left or self._settling or self._readers.wanted_elsewhere)
            return whole

        sound = self._sound(self._window_begins)
        heard = await self._readers.read(sound, self._language, wanted, final=False)
        if not whole:
            return None
        if self._window_begins == 0:
            self._covers(end, heard)
        text = f"{self._before} {heard.text}".strip()
        if end - self._window_begins > WINDOW_SAMPLES:
            self._window_begins, self._before = end, text
        return text

    def _covers(self, samples: int, transcript: Transcript) -> None:
        if samples > self._covered:
            self._transcript, self._covered = transcript, samples

    def _sound(self, begin: int) -> Samples:
        return np.concatenate(self._pieces)[begin:]

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
