"""How quick an engine is: a short sentence spoken, a short sentence heard, a question answered."""

from __future__ import annotations

import time
from contextlib import aclosing

import msgspec
import numpy as np

from repartee.audio.resample import resampled
from repartee.engines.ladder.choosing import Speed
from repartee.engines.languages import to_listen_for
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Message,
    Recognizer,
    Responder,
    Samples,
    Sampling,
    Sound,
    Speech,
    Synthesizer,
    Transcript,
)
from repartee.errors import EngineFailed

SENTENCE = "What is the weather like today?"
QUESTION = "What is the capital of France?"
MOST_TOKENS = 40
SPOKEN_TOKENS_PER_S = 5.0
"""What people take in when they listen."""


class Spoken(msgspec.Struct, frozen=True):
    sound: Sound
    first_s: float
    took_s: float

    @property
    def seconds(self) -> float:
        return len(self.sound.samples) / self.sound.rate_hz

    @property
    def speed(self) -> Speed:
        return Speed(self.first_s * 1000, self.took_s / self.seconds)


class Heard(msgspec.Struct, frozen=True):
    transcript: Transcript
    seconds: float
    took_s: float

    @property
    def speed(self) -> Speed:
        return Speed(self.took_s * 1000, self.took_s / self.seconds)


class Answered(msgspec.Struct, frozen=True):
    text: str
    first_s: float
    tokens_per_second: float

    @property
    def speed(self) -> Speed:
        rate = max(self.tokens_per_second, 0.001)
        return Speed(self.first_s * 1000, SPOKEN_TOKENS_PER_S / rate)


async def speak(tts: Synthesizer, speech: Speech) -> Spoken:
    began = time.perf_counter()
    first_s, pieces = 0.0, []
    async with aclosing(tts.synthesize(SENTENCE, speech)) as stream:
        async for piece in stream:
            first_s = first_s or time.perf_counter() - began
            pieces.append(piece)
    took_s = time.perf_counter() - began
    samples = np.concatenate([piece.samples for piece in pieces] or [silence(0)])
    if not samples.any():
        raise EngineFailed(f"The {tts.name} engine made no sound.")
    return Spoken(Sound(samples, pieces[0].rate_hz), first_s, took_s)


async def hear(stt: Recognizer, samples: Samples, language: str) -> Heard:
    began = time.perf_counter()
    async with stt.listen(Caller("trial"), to_listen_for(stt, language)) as hearing:
        hearing.feed(samples)
        transcript = await hearing.settle()
    took_s = time.perf_counter() - began
    return Heard(transcript, len(samples) / LISTENING_RATE_HZ, took_s)


async def answer(llm: Responder, instructions: str, question: str = QUESTION) -> Answered:
    messages = [Message("system", instructions), Message("user", question)]
    caller = Caller("trial")
    began = time.perf_counter()
    first_s, pieces = 0.0, []
    try:
        async with aclosing(llm.respond(caller, messages, Sampling(MOST_TOKENS))) as stream:
            async for piece in stream:
                first_s = first_s or time.perf_counter() - began
                pieces.append(piece)
        took_s = time.perf_counter() - began
    finally:
        llm.release(caller)
    text = " ".join("".join(pieces).split())
    if not text:
        raise EngineFailed(f"The {llm.name} engine gave an empty answer.")
    rate = (len(pieces) - 1) / (took_s - first_s) if len(pieces) > 1 else 0.0
    return Answered(text, first_s, rate)


def for_listening(sound: Sound) -> Samples:
    """At the rate of listening, with the silence before and after that a microphone would hear."""
    spoken = resampled(sound.samples, sound.rate_hz, LISTENING_RATE_HZ)
    return np.concatenate([silence(0.3), spoken, silence(0.3)])


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * LISTENING_RATE_HZ), np.int16)
