"""Engines that are late, but not dead, and what an answer sounds like."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import numpy as np

from repartee.engines.protocols import Samples, Sound, Speech
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.whole import whole_sound
from tests.calls.fakes import FakeModel, Trouble

ANSWER = "It is ten past four. The sun is still up."
SAID = ("It is ten past four.", "The sun is still up.")
"""The answer, phrase by phrase."""


def late(seconds: float) -> Trouble:
    async def trouble() -> None:
        await anyio.sleep(seconds)

    return trouble


def slow_model(seconds: float = 3.0) -> FakeModel:
    async def write() -> AsyncGenerator[str]:
        await anyio.sleep(seconds)
        yield ANSWER

    return FakeModel(write, "Very well.")


class OneAtATime(ScriptedSynthesizer):
    """A voice that says one thing after the other, and takes its time for each."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._seconds = seconds
        self._busy = anyio.Lock()

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append(text)
        async with self._busy:
            await anyio.sleep(self._seconds)
            async with aclosing(super().synthesize(text, speech)) as sounds:
                async for sound in sounds:
                    yield sound


class ManyAtATime(ScriptedSynthesizer):
    """A voice that takes its time for one text only."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__()
        self.given_up: list[str] = []
        self._text = text
        self._seconds = seconds

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        try:
            await anyio.sleep(self._seconds if text == self._text else 0.0)
        except anyio.get_cancelled_exc_class():
            self.given_up.append(text)
            raise
        async with aclosing(super().synthesize(text, speech)) as sounds:
            async for sound in sounds:
                yield sound


async def sound_of(*texts: str) -> Samples:
    sounds = [await whole_sound(ScriptedSynthesizer(), text, Speech()) for text in texts]
    return np.concatenate([sound.samples for sound in sounds])
