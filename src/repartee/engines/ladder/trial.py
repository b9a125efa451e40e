"""A trial of one engine, in a process of its own: `python -m repartee.engines.ladder.trial`.

It can be ended when it takes too long, whatever the library is doing; what it loaded is gone when
it ends; and a library that crashes takes nobody with it. What to try comes on standard input, how
it went goes to standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np

from repartee.engines import build
from repartee.engines.catalogue import Kind
from repartee.engines.ladder import measuring
from repartee.engines.ladder.choosing import DidNotWork, Outcome, Speed, TooSlow
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.threads import QUIET
from repartee.errors import ReparteeError
from repartee.settings import Settings

_ANOTHER_QUESTION = "What is the capital of Italy?"


class Order(msgspec.Struct, frozen=True):
    """What is to be tried. No key is among these settings: only what runs here is tried."""

    kind: Kind
    settings: dict[str, Any]


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
        return msgspec.json.decode(done.stdout, type=Speed)
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
    speed = asyncio.run(measured(order.kind, Settings.model_validate(order.settings)))
    answers.write(msgspec.json.encode(speed))
    answers.close()


if __name__ == "__main__":
    main()
