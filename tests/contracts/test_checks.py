"""The checks themselves: an engine that breaks a promise is caught."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import numpy as np
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message, Samples, Sampling, Sound, Speech, Voice
from repartee.engines.remote.patience import Patience
from repartee.engines.stt.scripted import ScriptedHearing, ScriptedRecognizer
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.errors import EngineNonsense
from repartee.testing.checks import (
    check_detector,
    check_recognizer,
    check_responder,
    check_synthesizer,
    check_troubles,
)
from repartee.testing.standins import StandIn
from repartee.testing.standins.openai import OpenAIWire

pytestmark = pytest.mark.anyio

KEY = "the-right-one"


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


class Clinging(ScriptedSynthesizer):
    """Goes on for somebody who has left, while the next one waits."""

    free_at = 0.0

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.free_at - loop.time())
        said = False
        try:
            async for sound in super().synthesize(text, speech):
                yield sound
            said = True
        finally:
            self.free_at = 0.0 if said else loop.time() + 0.15


def impatient(server: StandIn, patience: Patience, key: str) -> OpenAISynthesizer:
    once = msgspec.structs.replace(patience, tries=1)
    return OpenAISynthesizer(base_url=f"{server.url}/v1", api_key=key, patience=once)


def careful(server: StandIn, patience: Patience, key: str) -> OpenAISynthesizer:
    return OpenAISynthesizer(base_url=f"{server.url}/v1", api_key=key, patience=patience)


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


async def test_a_synthesiser_that_does_not_let_go() -> None:
    with pytest.raises(AssertionError, match=r"frees the engine within 0\.02 s"):
        await check_synthesizer(Clinging(), abandon_within_s=0.02)


async def test_one_whose_bound_is_stated_is_held_to_that() -> None:
    await check_synthesizer(Clinging(), abandon_within_s=2.0)


async def test_an_engine_that_gives_up_at_once() -> None:
    with pytest.raises(AssertionError, match="in spite of a trouble that passes"):
        await check_troubles(OpenAIWire, impatient)


async def test_an_engine_that_names_another_setting_than_the_right_one() -> None:
    with pytest.raises(AssertionError, match="names MY_KEY"):
        await check_troubles(lambda: OpenAIWire(key=KEY), careful, key=KEY, key_setting="MY_KEY")


async def test_an_engine_that_finds_sound_in_a_web_page() -> None:
    class Anything(OpenAISynthesizer):
        async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
            with contextlib.suppress(EngineNonsense):
                async for sound in super().synthesize(text, speech):
                    yield sound

    def made(server: StandIn, patience: Patience, key: str) -> OpenAISynthesizer:
        return Anything(base_url=f"{server.url}/v1", patience=patience)

    with pytest.raises(AssertionError, match="a service that sends a web page"):
        await check_troubles(OpenAIWire, made)
