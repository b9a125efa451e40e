"""The checks themselves: an engine that breaks a promise is caught."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message, Samples, Sampling, Sound, Speech, Voice
from repartee.engines.stt.scripted import ScriptedHearing, ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.testing.checks import (
    check_detector,
    check_recognizer,
    check_responder,
    check_synthesizer,
)

pytestmark = pytest.mark.anyio


class OneEarForAll(ScriptedDetector):
    """Every stream hears what any stream has heard before."""

    def __init__(self) -> None:
        super().__init__()
        self.loudest = 0

    def stream(self) -> "OneEarForAll":  # type: ignore[override]
        return self

    async def probability(self, window: Samples) -> float:
        self.loudest = max(self.loudest, int(window.max()))
        return min(self.loudest / 32_768, 1.0)


class OneNotebookForAll(ScriptedRecognizer):
    """Every caller takes a turn from the script of all."""

    shared = Caller("everybody")

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
        async with super().listen(self.shared, language) as hearing:
            yield hearing


class AlwaysSure(ScriptedRecognizer):
    """Hears words before anything was said."""

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
        async with super().listen(caller, language) as hearing:
            hearing.feed(np.zeros(1, np.int16))
            yield hearing


class OneMemoryForAll(ScriptedResponder):
    """Every caller is answered with what any caller has said before."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        self.said += messages[-1].content
        yield self.said


class OnePace(ScriptedSynthesizer):
    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        async for sound in super().synthesize(text, Speech(speech.voice)):
            yield sound


class AnyName(ScriptedSynthesizer):
    def resolve(self, voice: str, language: str) -> Voice:
        return self.voices()[0]


async def test_a_detector_that_mixes_its_streams() -> None:
    with pytest.raises(AssertionError):
        await check_detector(OneEarForAll())


async def test_a_recogniser_that_mixes_its_callers() -> None:
    with pytest.raises(AssertionError, match="do not mix"):
        await check_recognizer(OneNotebookForAll())


async def test_a_recogniser_that_is_sure_of_nothing() -> None:
    with pytest.raises(AssertionError, match="Nothing fed is nothing heard"):
        await check_recognizer(AlwaysSure())


async def test_a_responder_that_mixes_its_callers() -> None:
    with pytest.raises(AssertionError):
        await check_responder(OneMemoryForAll(), repeatable=True)


async def test_a_responder_that_says_nothing() -> None:
    with pytest.raises(AssertionError, match="A reply has words"):
        await check_responder(ScriptedResponder(replies=[""]))


async def test_a_synthesiser_that_knows_one_pace() -> None:
    with pytest.raises(AssertionError, match="Faster speech is shorter"):
        await check_synthesizer(OnePace())


async def test_a_synthesiser_that_takes_any_name() -> None:
    with pytest.raises(AssertionError, match="refused with UnknownVoice"):
        await check_synthesizer(AnyName())
