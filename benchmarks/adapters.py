"""What an engine that asks a service elsewhere adds to the time that the service takes.

    python -m benchmarks.adapters

Every engine asks a stand-in that takes exactly `KNOWN_MS`, its own work included, to begin its
answer. Whatever is over that is the engine's, with the way there and back on this machine. The
least of it is what the engine needs, the rest is what a busy machine adds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

import numpy as np

from benchmarks.report import lines, spread
from repartee.engines.llm.gemini import Gemini
from repartee.engines.llm.huggingface import HuggingFaceResponder
from repartee.engines.llm.openai import OpenAIResponder
from repartee.engines.protocols import (
    Caller,
    Message,
    Recognizer,
    Responder,
    Sampling,
    Speech,
    Synthesizer,
)
from repartee.engines.stt.deepgram import Deepgram
from repartee.engines.stt.deepgram_flux import DeepgramFlux
from repartee.engines.stt.huggingface import HuggingFaceRecognizer
from repartee.engines.stt.openai import OpenAIRecognizer
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.engines.tts.deepgram import DeepgramAura
from repartee.engines.tts.gtts import GoogleTranslate
from repartee.engines.tts.huggingface import HuggingFaceSynthesizer
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.testing.standins import StandIn, Trouble, Wire
from repartee.testing.standins.deepgram import KEY, DeepgramStandIn
from repartee.testing.standins.gemini import GeminiWire
from repartee.testing.standins.gtts import GoogleTranslateWire
from repartee.testing.standins.huggingface import HuggingFaceWire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.whispercpp import WhisperCppWire

KNOWN_MS = 50.0
ROUNDS, WARMING_UP = 20, 2
SPEECH = np.full(3 * 16_000, 3_000, np.int16)
QUESTION = (Message("system", "Be brief."), Message("user", "What is the capital of France?"))
SENTENCE = "The capital of France is Paris."

Slow = Callable[[], None]
"""Have the next answer take its time."""
Round = Callable[[Slow], Awaitable[float]]
"""Asks once; how many seconds it took to the first piece of the answer."""


async def first_word(model: Responder, slow: Slow) -> float:
    async with aclosing(model.respond(Caller("bench"), QUESTION, Sampling())) as words:
        return await first_of(words, slow)


async def first_sound(synthesizer: Synthesizer, slow: Slow) -> float:
    async with aclosing(synthesizer.synthesize(SENTENCE, Speech())) as sounds:
        return await first_of(sounds, slow)


async def first_of(pieces: AsyncIterator[Any], slow: Slow) -> float:
    slow()
    began = time.perf_counter()
    await anext(pieces)
    took = time.perf_counter() - began
    async for _ in pieces:  # so that the connection serves again
        pass
    return took


async def transcript(recognizer: Recognizer, slow: Slow) -> float:
    async with recognizer.listen(Caller("bench"), "en") as hearing:
        hearing.feed(SPEECH)
        await asyncio.sleep(0.01)  # what hears along has heard it
        slow()
        began = time.perf_counter()
        await hearing.settle()
        return time.perf_counter() - began


@asynccontextmanager
async def over_http(wire: Wire) -> AsyncIterator[tuple[str, Slow]]:
    async with StandIn(wire, Trouble(delay_s=KNOWN_MS / 1000)) as server:
        yield server.url, lambda: None


@asynccontextmanager
async def at_deepgram() -> AsyncIterator[tuple[str, Slow]]:
    """It takes its time for one answer, when it is told to; others come as they do."""
    due = False

    def slow() -> None:
        nonlocal due
        due = True

    async def take_time() -> None:
        nonlocal due
        if due:
            due = False
            await asyncio.sleep(KNOWN_MS / 1000)

    async with DeepgramStandIn() as server:
        server.delay = take_time
        yield server.url, slow


async def added_ms(engine: Any, once: Round, slow: Slow) -> dict[str, float]:
    """Milliseconds beyond those of the service."""
    await engine.open()
    try:
        took = [await once(slow) for _ in range(WARMING_UP + ROUNDS)]
    finally:
        await engine.close()
    added = [seconds * 1000 - KNOWN_MS for seconds in took[WARMING_UP:]]
    return {"least": round(min(added), 2), **spread(added, 2)}


def llm(model: Responder) -> tuple[Any, Round]:
    return model, partial(first_word, model)


def stt(recognizer: Recognizer) -> tuple[Any, Round]:
    return recognizer, partial(transcript, recognizer)


def tts(synthesizer: Synthesizer) -> tuple[Any, Round]:
    return synthesizer, partial(first_sound, synthesizer)


Made = Callable[[str], tuple[Any, Round]]
OVER_HTTP: dict[str, tuple[Callable[[], Wire], Made]] = {
    "llm openai, first word": (
        OpenAIWire,
        lambda url: llm(OpenAIResponder(base_url=f"{url}/v1")),
    ),
    "llm gemini, first word": (
        GeminiWire,
        lambda url: llm(Gemini(base_url=url, api_key="k", tools=())),
    ),
    "llm huggingface, first word": (
        OpenAIWire,
        lambda url: llm(HuggingFaceResponder(base_url=f"{url}/v1", api_key="k")),
    ),
    "stt openai, 3 s": (
        OpenAIWire,
        lambda url: stt(OpenAIRecognizer(base_url=f"{url}/v1")),
    ),
    "stt huggingface, 3 s": (
        HuggingFaceWire,
        lambda url: stt(HuggingFaceRecognizer(base_url=url, api_key="k")),
    ),
    "stt whispercpp, 3 s": (WhisperCppWire, lambda url: stt(WhisperCpp(base_url=url))),
    "tts openai, first sound": (
        OpenAIWire,
        lambda url: tts(OpenAISynthesizer(base_url=f"{url}/v1")),
    ),
    "tts huggingface, all of it": (
        HuggingFaceWire,
        lambda url: tts(HuggingFaceSynthesizer(base_url=url, api_key="k")),
    ),
    "tts gtts, all of it": (
        GoogleTranslateWire,
        lambda url: tts(GoogleTranslate(base_url=url)),
    ),
    "tts kokoro-server, first sound": (KokoroWire, lambda url: tts(KokoroServer(base_url=url))),
}
AT_DEEPGRAM: dict[str, Made] = {
    "stt deepgram, 3 s": lambda url: stt(Deepgram(base_url=url, api_key=KEY)),
    "stt deepgram-flux, 3 s": lambda url: stt(DeepgramFlux(base_url=url, api_key=KEY)),
    "tts deepgram, first sound": lambda url: tts(DeepgramAura(base_url=url, api_key=KEY)),
}


async def measure_adapters() -> dict[str, Any]:
    """What each of them adds to a service of `KNOWN_MS`, in milliseconds."""
    figures: dict[str, Any] = {}
    for name, (wire, made) in OVER_HTTP.items():
        async with over_http(wire()) as (url, slow):
            figures[name] = await added_ms(*made(url), slow)
    for name, made in AT_DEEPGRAM.items():
        async with at_deepgram() as (url, slow):
            figures[name] = await added_ms(*made(url), slow)
    return figures


if __name__ == "__main__":
    print("\n".join(lines(asyncio.run(measure_adapters()))))
