"""The checks of `repartee doctor`: each tries one thing for real and says what it found."""

from __future__ import annotations

import os
import platform
import re
import socket
import time
from contextlib import aclosing
from typing import Literal

import msgspec
import numpy as np

from repartee.audio.resample import resampled
from repartee.engines.build import (
    default_speech,
    opened,
    recognizer,
    responder,
    synthesizer,
    voice_detector,
)
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Message,
    Samples,
    Sampling,
    Sound,
    VoiceDetector,
)
from repartee.errors import EngineFailed
from repartee.machine import free_memory_bytes, usable_cores
from repartee.settings import Settings

SENTENCE = "What is the weather like today?"
QUESTION = "What is the capital of France?"
LITTLE_MEMORY_GB = 1.0
SPEECH_PROBABILITY = 0.5

Verdict = Literal["works", "careful", "broken"]


class Finding(msgspec.Struct, frozen=True):
    """What one check found, in words for people and in figures for programs."""

    check: str
    verdict: Verdict
    words: str
    figures: dict[str, float] = {}


def check_machine() -> Finding:
    cores, memory = usable_cores(), free_memory_bytes()
    free_gb = memory / 1e9 if memory is not None else None
    words = f"Python {platform.python_version()}, {_count(cores, 'core')}"
    figures = {"cores": float(cores)}
    verdict: Verdict = "works"
    if free_gb is not None:
        words += f", {free_gb:.1f} GB of memory free"
        figures["free_memory_gb"] = round(free_gb, 2)
    if cores <= 1:
        verdict, words = "careful", f"{words}. With one core, calls share it and answer later"
    if free_gb is not None and free_gb < LITTLE_MEMORY_GB:
        verdict, words = "careful", f"{words}. That is little memory: close other programs"
    if os.name == "posix" and os.getloadavg()[0] > cores:
        verdict, words = "careful", f"{words}. Other programs keep it busy, and spoil the figures"
    return Finding("machine", verdict, f"{words}.", figures)


def check_port(settings: Settings) -> Finding:
    address = f"{settings.host}:{settings.port}"
    try:
        family, kind, *_, target = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            # A server that has just ended leaves its port waiting; that keeps nobody from it.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
            probe.bind(target)
    except OSError as problem:
        return Finding(
            "port",
            "broken",
            f"The server can't listen on {address} ({problem.strerror}). "
            "If another program or another Repartee has it, choose another with PORT.",
        )
    return Finding("port", "works", f"{address} is free.")


async def check_synthesizer(settings: Settings) -> tuple[Finding, Sound]:
    """Speaks a sentence; the sound is what the other checks listen to."""
    async with opened(synthesizer(settings)) as tts:
        speech = default_speech(settings)
        began = time.perf_counter()
        first_s, pieces = 0.0, []
        async with aclosing(tts.synthesize(SENTENCE, speech)) as stream:
            async for piece in stream:
                first_s = first_s or time.perf_counter() - began
                pieces.append(piece)
        took_s = time.perf_counter() - began
    samples = np.concatenate([piece.samples for piece in pieces] or [_silence(0)])
    if not samples.any():
        raise EngineFailed(f"The {tts.name} engine made no sound.")
    seconds = len(samples) / pieces[0].rate_hz
    words = (
        f"{tts.name} spoke {seconds:.1f} s in {took_s * 1000:.0f} ms; "
        f"its first sound came after {first_s * 1000:.0f} ms."
    )
    figures = {"first_sound_ms": round(first_s * 1000, 2), "real_time_factor": took_s / seconds}
    return Finding("tts", "works", words, figures), Sound(samples, pieces[0].rate_hz)


async def check_recognizer(settings: Settings, sound: Sound) -> Finding:
    """Listens to the sentence that the synthesiser spoke."""
    samples = _for_listening(sound)
    seconds = len(samples) / LISTENING_RATE_HZ
    async with opened(recognizer(settings)) as stt:
        began = time.perf_counter()
        async with stt.listen(Caller("doctor"), settings.default_language) as hearing:
            hearing.feed(samples)
            transcript = await hearing.settle()
        took_s = time.perf_counter() - began
    figures = {"real_time_factor": took_s / seconds, "confidence": transcript.confidence}
    words = f"{stt.name} took {took_s / seconds:.2f} s for a second of speech"
    if not transcript.text:
        return Finding("stt", "broken", f"{words}, but heard nothing.", figures)
    heard = f'{words} and heard "{transcript.text}"'
    if _share_of_words(SENTENCE, transcript.text) < 0.5:
        told = f'{heard} when it was told "{SENTENCE}"'
        return Finding("stt", "careful", told, figures)
    if took_s > seconds:
        return Finding("stt", "careful", f"{heard}. That is slower than people speak.", figures)
    return Finding("stt", "works", f"{heard}.", figures)


async def check_responder(settings: Settings) -> Finding:
    """Asks the model one question."""
    question = [Message("system", settings.instructions), Message("user", QUESTION)]
    caller = Caller("doctor")
    async with opened(responder(settings)) as llm:
        began = time.perf_counter()
        first_s, pieces = 0.0, []
        async with aclosing(llm.respond(caller, question, Sampling(max_tokens=40))) as stream:
            async for piece in stream:
                first_s = first_s or time.perf_counter() - began
                pieces.append(piece)
        took_s = time.perf_counter() - began
        llm.release(caller)
    answer = " ".join("".join(pieces).split())
    if not answer:
        raise EngineFailed(f"The {llm.name} engine gave an empty answer.")
    per_second = (len(pieces) - 1) / (took_s - first_s) if len(pieces) > 1 else 0.0
    words = (
        f"{llm.name} began after {first_s * 1000:.0f} ms, "
        f'wrote {per_second:.0f} words or parts of words a second, and said "{answer}"'
    )
    figures = {"first_token_ms": round(first_s * 1000, 1), "tokens_per_second": per_second}
    return Finding("llm", "works", words, figures)


async def check_voice_detector(settings: Settings, sound: Sound) -> Finding:
    """Lets the detector hear speech and then silence."""
    async with opened(voice_detector(settings)) as detector:
        began = time.perf_counter()
        speech = await _probabilities(detector, _for_listening(sound))
        took_s = time.perf_counter() - began
        silence = await _probabilities(detector, _silence(1))
    window_us = took_s / len(speech) * 1e6
    words = f"{detector.name} needs {window_us:.0f} µs to judge a piece of sound"
    figures = {"window_us": round(window_us, 1), "speech": max(speech), "silence": max(silence)}
    if max(speech) < SPEECH_PROBABILITY:
        return Finding("vad", "broken", f"{words}, but takes speech for silence.", figures)
    if max(silence) >= SPEECH_PROBABILITY:
        return Finding("vad", "broken", f"{words}, but takes silence for speech.", figures)
    return Finding("vad", "works", f"{words}, and tells speech from silence.", figures)


async def _probabilities(detector: VoiceDetector, samples: Samples) -> list[float]:
    stream, size = detector.stream(), detector.window_samples
    windows = (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    return [await stream.probability(window) for window in windows]


def _for_listening(sound: Sound) -> Samples:
    """At the rate of listening, with the silence before and after that a microphone would hear."""
    spoken = resampled(sound.samples, sound.rate_hz, LISTENING_RATE_HZ)
    return np.concatenate([_silence(0.3), spoken, _silence(0.3)])


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * LISTENING_RATE_HZ), np.int16)


def _share_of_words(said: str, heard: str) -> float:
    words = [set(re.findall(r"\w+", text.lower())) for text in (said, heard)]
    return len(words[0] & words[1]) / len(words[0])


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"
