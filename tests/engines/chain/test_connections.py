"""Who is left for another gives its connection free at once: real adapters, services that hang."""

from __future__ import annotations

import asyncio

import pytest

from repartee.audio.pcm import Samples
from repartee.engines.chain.members import LEAVING_S, ChainRules
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.live import PAUSES_S
from repartee.engines.llm.openai import OpenAIResponder
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message, Sampling, Speech
from repartee.engines.stt.deepgram import Deepgram
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.deepgram import DeepgramAura
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineTimeout
from repartee.testing.checks.looking import babble
from repartee.testing.standins.deepgram import DeepgramStandIn
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.server import StandIn
from repartee.testing.standins.wire import Trouble

pytestmark = pytest.mark.anyio

RULES = ChainRules(deadline_s=0.1)
HEDGED = ChainRules(deadline_s=0.1, hedge=True)
SOUND: Samples = babble(16_000)


@pytest.fixture
def anyio_backend() -> str:
    """Real connections take real time."""
    return "asyncio"


@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_a_model_that_hangs(rules: ChainRules) -> None:
    async with StandIn(OpenAIWire(), Trouble(hang_after=-1)) as service:
        chain = ResponderChain(
            [OpenAIResponder(base_url=f"{service.url}/v1"), ScriptedResponder()], rules
        )
        await chain.open()
        words = chain.respond(Caller("a"), [Message("user", "Hello?")], Sampling())
        assert await anext(words) == "You"
        await service.until_left(LEAVING_S)
        await words.aclose()
        await chain.close()
        assert service.left == 1


async def test_a_model_that_begins_and_hangs_rests_from_the_third_turn_on() -> None:
    async with StandIn(OpenAIWire(), Trouble(hang_after=2)) as service:
        chain = ResponderChain(
            [OpenAIResponder(base_url=f"{service.url}/v1"), ScriptedResponder()], RULES
        )
        await chain.open()
        for _ in range(2):
            words = chain.respond(Caller("a"), [Message("user", "Hello there?")], Sampling())
            assert await anext(words)
            with pytest.raises(EngineTimeout, match="fell silent"):
                await anext(words)
        words = chain.respond(Caller("a"), [Message("user", "Hello there?")], Sampling())
        assert "".join([word async for word in words]) == "You said: Hello there?"
        assert len(service.heard) == 2
        await chain.close()


async def test_nobody_is_there_for_ear_and_voice() -> None:
    """One quick try more, and then the next: not the patience of an engine that is alone."""
    async with DeepgramStandIn() as service:
        url = service.url
    rules = ChainRules(deadline_s=60)
    ears = RecognizerChain([Deepgram(api_key="k", base_url=url), ScriptedRecognizer()], rules)
    voices = SynthesizerChain(
        [DeepgramAura(api_key="k", base_url=url), ScriptedSynthesizer()], rules
    )
    await ears.open()
    await voices.open()
    pause_s = PAUSES_S[0] * 1.5
    async with asyncio.timeout(2 * pause_s + 1), ears.listen(Caller("a"), "en") as hearing:
        hearing.feed(SOUND)
        assert (await hearing.settle()).text == "Hello, can you hear me?"
    async with asyncio.timeout(2 * pause_s + 1):
        assert [sound async for sound in voices.synthesize("Hello?", Speech())]
    await ears.close()
    await voices.close()


@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_a_voice_that_hangs(rules: ChainRules) -> None:
    async with DeepgramStandIn() as service:
        chain = SynthesizerChain(
            [DeepgramAura(api_key=service.key, base_url=service.url), ScriptedSynthesizer()], rules
        )
        await chain.open()
        service.hang = True
        sounds = chain.synthesize("Hello?", Speech())
        assert len((await anext(sounds)).samples)
        await sounds.aclose()
        async with asyncio.timeout(LEAVING_S):  # it is asked to be silent, and then closed
            await service.until(lambda: any("Clear" in one.types for one in service.connections))
        await chain.close()
        await service.until(lambda: not service.open)


@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_an_ear_that_hangs(rules: ChainRules) -> None:
    async with DeepgramStandIn() as service:
        chain = RecognizerChain(
            [Deepgram(api_key=service.key, base_url=service.url), ScriptedRecognizer()], rules
        )
        await chain.open()
        service.hang = True
        async with chain.listen(Caller("a"), "en") as hearing:
            hearing.feed(SOUND)
            await service.until(lambda: bool(service.open))
            assert (await hearing.settle()).text == "Hello, can you hear me?"
            async with asyncio.timeout(LEAVING_S):
                await service.until(lambda: not service.open)
        await chain.close()


async def test_a_line_that_is_cut_in_mid_speech_loses_no_sound() -> None:
    """The recogniser that goes on hears as much as was said, and not what came after the cut."""
    async with DeepgramStandIn() as service:
        whole = ScriptedRecognizer(transcripts=["a b c d e f g h i j"], word_ms=100)
        chain = RecognizerChain([Deepgram(api_key=service.key, base_url=service.url), whole], RULES)
        await chain.open()
        async with chain.listen(Caller("a"), "en") as hearing:
            hearing.feed(SOUND)
            await service.until(lambda: bool(service.open) and service.open[0].samples > 8_000)
            service.status = 503
            service.cut()
            assert (await hearing.settle()).text == "a b c d e f g h i j"
            async with asyncio.timeout(1):
                async for partial in hearing.partials():
                    if partial == "a b c d e f g h i j":
                        break
        await chain.close()
