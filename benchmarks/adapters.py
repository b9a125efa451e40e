"""What an engine that asks a server elsewhere adds to the time that the server takes.

    python -m benchmarks.adapters

Every engine asks a stand-in that answers at once. The same requests are then sent again over a
bare socket, and the difference to the first piece of the answer is what the engine costs.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

import numpy as np

from repartee.engines.llm.gemini import Gemini
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
from repartee.engines.stt.openai import OpenAIRecognizer
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.testing.standins import Heard, StandIn, Wire
from repartee.testing.standins.gemini import GeminiWire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.whispercpp import WhisperCppWire

ROUNDS = 200
SPEECH = np.zeros(3 * 16_000, np.int16)
QUESTION = (Message("system", "Be brief."), Message("user", "What is the capital of France?"))
SENTENCE = "The capital of France is Paris."
_STREAMED = ("/chat/completions", ":streamGenerateContent", "speech")

Engine = Responder | Recognizer | Synthesizer
Once = Callable[[], Awaitable[None]]


async def first_word(model: Responder) -> None:
    async with aclosing(model.respond(Caller("bench"), QUESTION, Sampling())) as words:
        await anext(words)
        stop()
        async for _ in words:
            pass


async def transcript(recognizer: Recognizer) -> None:
    async with recognizer.listen(Caller("bench"), "en") as hearing:
        hearing.feed(SPEECH)
        await hearing.settle()
        stop()


async def first_sound(synthesizer: Synthesizer) -> None:
    async with aclosing(synthesizer.synthesize(SENTENCE, Speech())) as sounds:
        await anext(sounds)
        stop()
        async for _ in sounds:
            pass


_stopped = 0.0


def stop() -> None:
    """The moment that counts has come; what follows is not timed."""
    global _stopped
    _stopped = time.perf_counter()


async def timed(once: Once) -> list[float]:
    """Milliseconds of each round, after a few that don't count."""
    took = []
    for _ in range(ROUNDS + 20):
        began = time.perf_counter()
        await once()
        took.append((_stopped - began) * 1000)
    return took[20:]


async def bare(server: StandIn, heard: Heard) -> list[float]:
    """The same request over one socket, without any engine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    target = f"{heard.path}?{heard.query}" if heard.query else heard.path
    head = "".join(f"{name}: {value}\r\n" for name, value in heard.headers.items())
    request = f"{heard.method} {target} HTTP/1.1\r\n{head}\r\n".encode() + heard.body
    streamed = any(path in heard.path for path in _STREAMED)

    async def once() -> None:
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
            if streamed:
                break
        stop()
        while size and (size := int(await reader.readline(), 16)):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)

    try:
        return await timed(once)
    finally:
        writer.close()


async def compare(name: str, wire: Wire, engine: Callable[[str], tuple[Engine, Once]]) -> None:
    async with StandIn(wire) as server:
        made, once = engine(server.url)
        await made.open()
        with_engine = await timed(once)
        await made.close()
        without = await bare(server, server.asked[-1])
        added = statistics.median(with_engine) - statistics.median(without)
        print(
            f"{name:28} {added:6.2f} ms added"
            f"   ({_figures(with_engine)} with the engine, {_figures(without)} without)"
        )


def _figures(took: Sequence[float]) -> str:
    return f"median {statistics.median(took):.2f}, p95 {np.percentile(took, 95):.2f} ms"


async def main() -> None:
    def llm(model: Responder) -> tuple[Engine, Once]:
        return model, lambda: first_word(model)

    def stt(recognizer: Recognizer) -> tuple[Engine, Once]:
        return recognizer, lambda: transcript(recognizer)

    def tts(synthesizer: Synthesizer) -> tuple[Engine, Once]:
        return synthesizer, lambda: first_sound(synthesizer)

    v1 = "{}/v1".format
    openai = OpenAIWire()
    await compare("llm openai, first word", openai, lambda u: llm(OpenAIResponder(base_url=v1(u))))
    await compare(
        "llm gemini, first word", GeminiWire(), lambda u: llm(Gemini(base_url=u, api_key="k"))
    )
    await compare(
        "stt openai, 3 s of speech", openai, lambda u: stt(OpenAIRecognizer(base_url=v1(u)))
    )
    await compare("stt whispercpp, 3 s", WhisperCppWire(), lambda u: stt(WhisperCpp(base_url=u)))
    await compare(
        "tts openai, first sound", openai, lambda u: tts(OpenAISynthesizer(base_url=v1(u)))
    )
    await compare("tts kokoro_server, first", KokoroWire(), lambda u: tts(KokoroServer(base_url=u)))


if __name__ == "__main__":
    asyncio.run(main())
