"""A trial of one engine, in a process of its own: `python -m repartee.engines.ladder.trial`.

It can be ended when it takes too long, whatever the library is doing; what it loaded is gone when
it ends; and a library that crashes takes nobody with it. What to try comes on standard input, how
it went goes to standard output. Of an engine that is elsewhere it is only tried whether somebody
answers there who lets us in: how quick it is was known to whoever set its key.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from typing import Any

import msgspec
import numpy as np

from repartee.engines import build
from repartee.engines.catalogue import Kind
from repartee.engines.ladder import measuring
from repartee.engines.ladder.choosing import DidNotWork, Outcome, Reached, Speed, TooSlow
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.threads import QUIET
from repartee.errors import EngineUnreachable, ReparteeError
from repartee.settings import Settings

_ANOTHER_QUESTION = "What is the capital of Italy?"


class Order(msgspec.Struct, frozen=True):
    """What is to be tried, with the settings that the engine reads. Where one is elsewhere, its key
    is among them: nobody sees it between one process and the other."""

    kind: Kind
    settings: dict[str, Any]
    reach_within_s: float | None = None
    """It is elsewhere, and has so long to answer."""

    def __repr__(self) -> str:
        return f"<Order to try {self.settings.get(self.kind)}>"


def attempt(order: Order, patience_s: float) -> Outcome:
    """Have it tried."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=patience_s,
            env={**QUIET, **os.environ},
            start_new_session=True,  # Ctrl+C is for us; it would look as if the engine had failed
            check=True,
        )
        if order.reach_within_s is None:
            return msgspec.json.decode(done.stdout, type=Speed)
        return msgspec.json.decode(done.stdout, type=Reached)
    except subprocess.TimeoutExpired:
        return TooSlow(patience_s)
    except (OSError, subprocess.CalledProcessError, msgspec.MsgspecError):
        return DidNotWork()


async def measured(kind: Kind, settings: Settings) -> Speed:
    """How quick the engine is when it has warmed up: the second time counts."""
    match kind:
        case "tts":
            async with build.opened(build.synthesizer(settings)) as tts:
                await measuring.speak(tts, build.default_speech(settings))
                return (await measuring.speak(tts, build.default_speech(settings))).speed
        case "stt":
            samples = await _something_to_hear(settings)
            async with build.opened(build.recognizer(settings)) as stt:
                await measuring.hear(stt, samples, settings.default_language)
                return (await measuring.hear(stt, samples, settings.default_language)).speed
        case _:
            async with build.opened(build.responder(settings)) as llm:
                await measuring.answer(llm, settings.instructions, _ANOTHER_QUESTION)
                return (await measuring.answer(llm, settings.instructions)).speed


async def reached(kind: Kind, settings: Settings, within_s: float) -> Reached:
    """Raises if nobody answers there, or nobody lets us in."""
    began = time.perf_counter()
    async with asyncio.timeout(within_s), build.opened(build.bare(kind, settings)) as engine:
        if (reach := getattr(engine, "reach", None)) is not None:
            await reach()
        elif not getattr(engine, "ready", True):
            raise EngineUnreachable(f"{engine.name} does not answer.")
    return Reached((time.perf_counter() - began) * 1000)


async def tried(order: Order) -> Speed | Reached:
    settings = Settings.model_validate(order.settings)
    if order.reach_within_s is not None:
        return await reached(order.kind, settings, order.reach_within_s)
    return await measured(order.kind, settings)


async def _something_to_hear(settings: Settings) -> Samples:
    """A sentence from the embedded voice; without one, noise that comes and goes like syllables."""
    voice = settings.model_copy(update={"tts": "espeak", "tts_cache_mb": 0})
    with contextlib.suppress(ReparteeError):
        async with build.opened(build.synthesizer(voice)) as tts:
            spoken = await measuring.speak(tts, build.default_speech(settings))
            return measuring.for_listening(spoken.sound)
    at = np.arange(2 * LISTENING_RATE_HZ) / LISTENING_RATE_HZ
    noise = np.random.default_rng(1).normal(0, 3_000, len(at))
    syllables = noise * np.maximum(np.sin(2 * np.pi * 4 * at), 0)
    return np.clip(syllables, -32_768, 32_767).astype(np.int16)


def main() -> None:
    # Libraries print what they like; standard output is for the outcome alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    answers.write(msgspec.json.encode(asyncio.run(tried(order))))
    answers.close()


if __name__ == "__main__":
    main()
