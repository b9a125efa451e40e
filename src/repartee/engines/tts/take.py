"""One synthesis under way, for everybody who asked for it.

It runs in a task of its own, so that whoever asked first may leave without ending it for the
others. It goes on only when the listener who is furthest along wants more, and stops when nobody
listens any more. The pieces form a chain: each listener holds on to the place that was reached,
and what nobody needs any longer is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing

from repartee.engines.protocols import Sound
from repartee.errors import EngineFailed

Settled = Callable[[Sequence[Sound] | None], None]


class _Place:
    """A place in the sound, with the piece that leads from here to the next."""

    __slots__ = ("after", "sound")

    def __init__(self) -> None:
        self.sound: Sound | None = None
        self.after: _Place | None = None


class Take:
    def __init__(self, sounds: AsyncGenerator[Sound], most_bytes: int, settled: Settled) -> None:
        """`settled` is told once, when nobody may join any more: with all of the sound; or with
        None, because it was given up, has failed, or is larger than `most_bytes`."""
        self._sounds = sounds
        self._room_bytes = most_bytes
        self._settled: Settled | None = settled
        self._end = _Place()
        self._beginning: _Place | None = self._end
        self._listeners = 0
        self._over = False
        self._failure: BaseException | None = None
        self._came = asyncio.Event()
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._ended)

    async def heard(self) -> AsyncGenerator[Sound]:
        """The sound from its beginning, as it comes; only for those who join in time."""
        place = self._beginning
        assert place is not None, "nobody joins a take that is settled"
        self._listeners += 1
        try:
            while not (self._over and place is self._end):
                if place.sound is None or place.after is None:
                    self._wanted.set()
                    await self._came.wait()
                else:
                    sound, place = place.sound, place.after
                    yield sound
            if self._failure is not None:
                raise self._failure
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._settle(None)
                self._task.cancel()

    async def stop(self) -> None:
        """Whoever listens learns that the engine is closed."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        async with aclosing(self._sounds) as sounds:
            async for sound in sounds:
                self._add(sound)
                await self._wanted.wait()
        self._settle(list(self._whole()))

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            self._failure = EngineFailed("The speech synthesiser was closed while it spoke.")
        else:
            self._failure = task.exception()
        self._settle(None)
        self._over = True
        self._tell()

    def _add(self, sound: Sound) -> None:
        place, self._end = self._end, _Place()
        place.sound, place.after = sound, self._end
        self._room_bytes -= sound.samples.nbytes
        if self._room_bytes < 0:
            self._settle(None)
        self._wanted.clear()
        self._tell()

    def _whole(self) -> Iterator[Sound]:
        place = self._beginning
        while place is not None and place.sound is not None:
            yield place.sound
            place = place.after

    def _settle(self, whole: Sequence[Sound] | None) -> None:
        settled, self._settled = self._settled, None
        self._beginning = None
        if settled is not None:
            settled(whole)

    def _tell(self) -> None:
        self._came.set()
        self._came = asyncio.Event()
