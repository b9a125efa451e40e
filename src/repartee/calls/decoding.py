"""Decoding away from the event loop: recordings that are still coming in, and complete ones.

Each kind has threads of its own, so a long upload never delays what somebody is just saying.
Uploads that come at once wait for one another, payer by payer, but no longer than a client would
wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from repartee.audio.decoding import Limits, RecordingDecoder
from repartee.audio.layout import PcmLayout
from repartee.audio.pcm import Samples
from repartee.audio.wav import Recording
from repartee.calls.fair_queue import FairQueue
from repartee.calls.refusals import TryLater
from repartee.engines.blocking import Crew
from repartee.errors import BadAudio

_THREADS = 2
_MOST_WAITING_PIECES = 64
UPLOAD_PATIENCE_SECONDS = 10.0
"""How long an upload waits until it is begun."""


class DecodingRoom:
    """The threads that decode, one set for a whole server."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._live = Crew("live decoding", _THREADS)
        self._uploads = Crew("decoding", _THREADS)
        self._queue = FairQueue(_THREADS, "recordings to be decoded")

    async def open(self) -> None:
        """Load what decodes, so that the first caller need not wait for it."""
        await self._live.run(_load)

    def live(
        self, declared: PcmLayout | None = None, limits: Limits | None = None
    ) -> LiveRecording:
        """One recording that is about to come in."""
        return LiveRecording(self._live, RecordingDecoder(limits or self._limits, declared))

    async def decode(
        self, data: bytes, declared: PcmLayout | None = None, limits: Limits | None = None
    ) -> Recording:
        """The sound of a complete recording. If nobody waits any more, it is given up."""
        async with self._place():
            decoder = RecordingDecoder(limits or self._limits, declared)
            try:
                return await self._uploads.run(partial(decoder.all_of, data))
            except asyncio.CancelledError:
                decoder.abandon()
                raise

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One thread for oneself, when its turn has come; `Refused` if that would take too long."""
        try:
            async with asyncio.timeout(UPLOAD_PATIENCE_SECONDS):
                await self._queue.enter()
        except TimeoutError:
            sentence = "Too many recordings are being decoded."
            raise TryLater(sentence, self._queue.next_in_s) from None
        try:
            yield
        finally:
            self._queue.leave()

    async def close(self) -> None:
        await self._live.close()
        await self._uploads.close()


class LiveRecording:
    """One recording, decoded while it comes in, piece after piece in the order of the calls."""

    def __init__(self, crew: Crew, decoder: RecordingDecoder) -> None:
        self._crew = crew
        self._decoder = decoder
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def ended(self) -> bool:
        """The container has said that it is complete. Many live ones never say so."""
        return self._decoder.ended

    @property
    def seconds(self) -> float:
        """How much sound has come out so far."""
        return self._decoder.seconds

    async def push(self, piece: bytes) -> Samples:
        """The sound that can be heard now that this piece has come."""
        return await self._run(partial(self._decoder.push, piece))

    async def finish(self) -> Samples:
        """The rest, when nothing more will come; `BadAudio` if there was no sound at all."""
        return await self._run(self._decoder.finish)

    async def _run(self, step: Callable[[], Samples]) -> Samples:
        if self._waiting >= _MOST_WAITING_PIECES:
            raise BadAudio("The recording comes in faster than it can be decoded.")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._crew.run(step)
        except asyncio.CancelledError:
            # The thread may still be at it, so nothing more may be asked of this decoder.
            self._decoder.abandon()
            raise
        finally:
            self._waiting -= 1


def _load() -> None:
    import repartee.audio.ffmpeg  # noqa: F401
