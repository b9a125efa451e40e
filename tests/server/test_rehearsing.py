"""The house's own sentences are learned by heart: a voice that hangs can say them all the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import anyio
import msgspec
import pytest

from repartee.calls.reply import phrases_of
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import FIXED_SENTENCES
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineFailed
from repartee.server import rehearsing
from repartee.server.house import House
from repartee.server.rehearsing import rehearse
from tests.calls.line import scripted
from tests.server.open_house import on_the_phone, open_house

pytestmark = pytest.mark.anyio

HOLDING_SENTENCE = holding_sentence("en")
_PLENTY = 1 << 20
USUAL = Speech("af_heart", "en", 1.0)


class Voice(ScriptedSynthesizer):
    """Keeps what it was asked to say; fails, or hangs, for as long as it is told to."""

    def __init__(self, name: str = "scripted") -> None:
        super().__init__()
        self.name = name
        self.asked: list[str] = []
        self.failures = 0
        self.hangs = False

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append(text)
        if self.failures > 0:
            self.failures -= 1
            raise EngineFailed("It is hoarse.")
        if self.hangs:
            await anyio.sleep_forever()
        async for sound in super().synthesize(text, speech):
            yield sound


def everything(voice: Synthesizer) -> list[str]:
    sentences = (*sorted(FIXED_SENTENCES), HOLDING_SENTENCE)
    return [phrase for one in sentences for phrase in phrases_of(one, voice, USUAL)]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "QUIET_SECONDS", 0.001)
    monkeypatch.setattr(rehearsing, "AGAIN_SECONDS", 0.001)


@asynccontextmanager
async def house_of(voice: Synthesizer) -> AsyncIterator[House]:
    async with open_house(engines=scripted(tts=voice), hold_after_ms=500) as house:
        yield house


async def test_each_sentence_is_spoken_once_as_a_reply_would_say_it() -> None:
    voice = Voice()
    cached = Cached(voice, _PLENTY)
    async with house_of(cached) as house:
        await rehearse(house)
        assert voice.asked == everything(voice)
        assert all(cached.is_kept(phrase, USUAL) for phrase in voice.asked)
        await rehearse(house)
        assert voice.asked == everything(voice)


async def test_and_then_needs_no_voice() -> None:
    voice = Voice()
    async with house_of(Cached(voice, _PLENTY)) as house:
        await rehearse(house)
        voice.hangs = True
        for phrase in everything(voice):
            await whole_sound(house.engines.tts, phrase, USUAL)


async def test_other_sounds_do_not_drive_them_out() -> None:
    voice = Voice()
    cached = Cached(voice, 1_000_000)
    async with house_of(cached) as house:
        await rehearse(house)
        for number in range(20):
            await whole_sound(cached, f"Something else that is said for a while, {number}.", USUAL)
        assert all(cached.is_kept(phrase, USUAL) for phrase in everything(voice))


async def test_a_voice_that_fails_is_asked_again() -> None:
    voice = Voice()
    voice.failures = 2
    cached = Cached(voice, _PLENTY)
    async with house_of(cached) as house:
        await rehearse(house)
        assert all(cached.is_kept(phrase, USUAL) for phrase in everything(voice))


async def test_but_not_for_ever() -> None:
    voice = Voice()
    voice.failures = 1_000
    async with house_of(Cached(voice, _PLENTY)) as house:
        with anyio.fail_after(10):
            await rehearse(house)
        assert Counter(voice.asked) == dict.fromkeys(everything(voice), rehearsing.MOST_TRIES)


async def test_what_is_too_large_to_be_kept_is_spoken_once() -> None:
    voice = Voice()
    async with house_of(Cached(voice, 4_000)) as house:
        with anyio.fail_after(10):
            await rehearse(house)
        assert voice.asked == everything(voice)


async def test_the_word_to_wait_is_learned_in_the_language_that_is_usual() -> None:
    voice = Voice()
    cached = Cached(voice, _PLENTY)
    engines = scripted(tts=cached)
    async with open_house(engines=engines, hold_after_ms=500, default_language="de") as house:
        await rehearse(house)
        usual = msgspec.structs.replace(house.options.speech, language="de")
        for phrase in phrases_of(holding_sentence("de"), cached, usual):
            assert cached.is_kept(phrase, usual)
        assert HOLDING_SENTENCE not in voice.asked


async def test_not_while_anybody_is_served() -> None:
    voice = Voice()
    async with house_of(Cached(voice, _PLENTY)) as house:
        async with house.errands.speaking.job():
            work = asyncio.create_task(rehearse(house))
            await anyio.sleep(0.02)
            assert voice.asked == []
        await work
        assert voice.asked == everything(voice)


async def test_no_service_that_may_send_a_bill() -> None:
    """But what it says to somebody is kept from then on."""
    voice = Voice("deepgram")
    cached = Cached(voice, 800_000)
    async with house_of(cached) as house:
        await rehearse(house)
        assert voice.asked == []
        await whole_sound(cached, HOLDING_SENTENCE, USUAL)
        for number in range(20):
            await whole_sound(cached, f"This is something else, {number}.", USUAL)
        assert cached.is_kept(HOLDING_SENTENCE, USUAL)


async def test_each_voice_of_a_chain_that_costs_nothing() -> None:
    dear, free = Voice("deepgram"), Voice("espeak")
    voices = [Cached(dear, _PLENTY), Cached(free, _PLENTY)]
    async with house_of(SynthesizerChain(voices, ChainRules())) as house:
        await rehearse(house)
        assert (dear.asked, free.asked) == ([], everything(free))


async def test_a_house_that_is_to_remember_nothing_learns_nothing() -> None:
    voice = Voice()
    async with house_of(voice) as house:
        await rehearse(house)
        assert voice.asked == []


async def test_a_caller_is_asked_to_wait_by_a_voice_that_hangs() -> None:
    voice = Voice()
    async with house_of(Cached(voice, _PLENTY)) as house:
        await rehearse(house)
        voice.hangs = True
        async with on_the_phone(house) as socket:
            await socket.until_status("connected")
            socket.say(type="chat", message="Hello?")
            sound = await socket.until(
                lambda frame: frame["type"] == "chunk" and frame["data"]["type"] == "audio"
            )
            assert (sound["reply"], sound["data"]["text"]) == (1, "")
