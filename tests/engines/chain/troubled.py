"""A recogniser that gets into trouble where a test wants it to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np

from repartee.engines.protocols import Caller, Hearing, Samples, Transcript
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.calls.fakes import Trouble


async def fine() -> None:
    """No trouble at all."""


class Ear:
    """Hears the script, and keeps the sound."""

    def __init__(self, hearing: Hearing, partials: Trouble, settling: Trouble) -> None:
        self.fed: list[Samples] = []
        self._hearing = hearing
        self._partials = partials
        self._settling = settling

    @property
    def sound(self) -> Samples:
        return np.concatenate(self.fed) if self.fed else np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> None:
        self.fed.append(samples)
        self._hearing.feed(samples)

    async def partials(self) -> AsyncIterator[str]:
        async for text in self._hearing.partials():
            yield text
            await self._partials()

    async def settle(self) -> Transcript:
        await self._settling()
        return await self._hearing.settle()


class TroubledRecognizer:
    """`opening`, `partials` and `settling` happen before a hearing opens, after each partial, and
    before each transcript; `ears` are all its hearings, `left` how many are over."""

    name = "troubled"
    languages: Sequence[str] = ("en",)

    def __init__(
        self,
        text: str = "one two three four five six",
        *,
        opening: Trouble = fine,
        partials: Trouble = fine,
        settling: Trouble = fine,
    ) -> None:
        self.opening, self.partials, self.settling = opening, partials, settling
        self.ears: list[Ear] = []
        self.left = 0
        self._script = ScriptedRecognizer(transcripts=(text,))

    async def open(self) -> None:
        """There is nothing to load."""

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[Ear]:
        try:
            await self.opening()
            async with self._script.listen(caller, language) as hearing:
                ear = Ear(hearing, self.partials, self.settling)
                self.ears.append(ear)
                yield ear
        finally:
            self.left += 1

    async def close(self) -> None:
        """There is nothing to give back."""
