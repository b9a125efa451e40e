"""Hearing for recognisers that take a recording and give a text: the turn is sent when it settles.

There are no partials, because nothing is known before that. A pause that may not be the end is
settled all the same; when the speaker goes on, the whole turn is sent again. Cancelling a `settle`
closes the connection, which is how the service learns to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, Transcript
from repartee.errors import EngineFailed, RequestRefused

MOST_SAMPLES = 600 * LISTENING_RATE_HZ
"""20 MB as a recording: the least that services take is 25."""
FEWEST_SAMPLES = LISTENING_RATE_HZ // 10
"""Nobody says a word in less, and services refuse it."""

_NO_PARTIALS: tuple[str, ...] = ()

Transcribe = Callable[[Samples], Awaitable[Transcript]]


class UploadHearing:
    def __init__(self, transcribe: Transcribe) -> None:
        self._transcribe = transcribe
        self._pieces: list[Samples] = []
        self._fed = self._covered = 0
        self._transcript = Transcript("", 0.0)
        self._left = asyncio.Event()

    def feed(self, samples: Samples) -> None:
        if self._left.is_set():
            return
        self._fed += len(samples)
        if self._fed <= MOST_SAMPLES:
            self._pieces.append(samples)
        else:
            self._pieces.clear()

    async def partials(self) -> AsyncIterator[str]:
        await self._left.wait()
        for partial in _NO_PARTIALS:
            yield partial

    async def settle(self) -> Transcript:
        wanted = self._fed
        if wanted > MOST_SAMPLES:
            raise RequestRefused("This turn is too long to be recognised; pause now and then.")
        if self._left.is_set():
            raise EngineFailed("This turn is over.")
        if wanted > max(self._covered, FEWEST_SAMPLES - 1):
            transcript = await self._transcribe(np.concatenate(self._pieces))
            if wanted > self._covered:
                self._transcript, self._covered = transcript, wanted
        return self._transcript

    def leave(self) -> None:
        self._left.set()
        self._pieces.clear()


@asynccontextmanager
async def hearing(transcribe: Transcribe) -> AsyncIterator[UploadHearing]:
    heard = UploadHearing(transcribe)
    try:
        yield heard
    finally:
        heard.leave()
