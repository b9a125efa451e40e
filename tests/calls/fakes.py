"""Engines that get into trouble, and a model that writes what a test wants.

Where an engine only has to work, or to be slow, the scripted ones serve as they are.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Literal

import anyio

from repartee.engines.protocols import (
    Caller,
    Hearing,
    Message,
    Samples,
    Sampling,
    Sound,
    Speech,
    Transcript,
)
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer


class Unwatched:
    """In the place of a timeline: takes no note of anything."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *noted: None


# ---------------------------------------------------------------- trouble

Trouble = Callable[[], Awaitable[None]]


async def hangs() -> None:
    await anyio.sleep_forever()


def raises(error: Exception) -> Trouble:
    async def trouble() -> None:
        raise error

    return trouble


# ---------------------------------------------------------------- engines


class FakeModel:
    """Writes one text after the other, each token by token; the last one from then on.

    A text may also be a function that writes: it can wait for something, or fail.
    """

    name = "fake"

    def __init__(self, *texts: str | Callable[[], AsyncGenerator[str]]) -> None:
        self.asked: list[list[Message]] = []
        self.samplings: list[Sampling] = []
        self.released: list[str] = []
        self.left = 0
        """How many replies were left, at their end or before it."""
        self._texts = list(texts)

    def asked_last(self) -> list[tuple[str, str]]:
        """Who said what, in the latest exchange that it was to go on with."""
        return [(m.role, m.content) for m in self.asked[-1] if m.role != "system"]

    async def open(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """There is nothing to give back."""

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Reading ahead changes nothing here."""

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        self.asked.append(list(messages))
        self.samplings.append(sampling)
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        try:
            async with aclosing(tokens(text) if isinstance(text, str) else text()) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.left += 1

    def release(self, caller: Caller) -> None:
        self.released.append(caller.id)


async def tokens(text: str, every_seconds: float = 0.01) -> AsyncGenerator[str]:
    for word in text.split(" "):
        await anyio.sleep(every_seconds)
        yield f"{word} "


def writes(text: str, then: Trouble, rest: str = "") -> Callable[[], AsyncGenerator[str]]:
    """A text with something in its midst: a failure, or a wait."""

    async def write() -> AsyncGenerator[str]:
        async with aclosing(tokens(text)) as pieces:
            async for piece in pieces:
                yield piece
        await then()
        if rest:
            yield rest

    return write


class TroubledVoice(ScriptedSynthesizer):
    """A voice that gets into trouble once, after so many pieces of its sound."""

    def __init__(self, trouble: Trouble, *, after_pieces: int = 0) -> None:
        super().__init__()
        self._trouble: Trouble | None = trouble
        self._after_pieces = after_pieces

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        left = self._after_pieces
        async with aclosing(super().synthesize(text, speech)) as pieces:
            async for piece in pieces:
                if left == 0 and self._trouble is not None:
                    trouble, self._trouble = self._trouble, None
                    await trouble()
                left -= 1
                yield piece


Where = Literal["opening", "partials", "settling"]


class TroubledRecognizer:
    """A recogniser that gets into trouble in its first hearing."""

    name = "troubled"
    languages: Sequence[str] = ("en",)

    def __init__(self, where: Where, trouble: Trouble, *transcripts: str) -> None:
        self.left = 0
        """How many hearings were left."""
        self._able = ScriptedRecognizer(transcripts=transcripts or ("What time is it?",))
        self._where = where
        self._trouble: Trouble | None = trouble

    async def open(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """There is nothing to give back."""

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[Hearing]:
        trouble, self._trouble = self._trouble, None
        try:
            if trouble is not None and self._where == "opening":
                await trouble()
            async with self._able.listen(caller, language) as hearing:
                yield hearing if trouble is None else _Troubled(hearing, self._where, trouble)
        finally:
            self.left += 1


class _Troubled:
    def __init__(self, hearing: Hearing, where: Where, trouble: Trouble) -> None:
        self._hearing = hearing
        self._where = where
        self._trouble = trouble

    def feed(self, samples: Samples) -> None:
        self._hearing.feed(samples)

    async def partials(self) -> AsyncIterator[str]:
        async for text in self._hearing.partials():
            if self._where == "partials":
                await self._trouble()
            yield text

    async def settle(self) -> Transcript:
        if self._where == "settling":
            await self._trouble()
        return await self._hearing.settle()
