"""The checks of `repartee doctor`: each tries one thing for real and says what it found."""

from __future__ import annotations

import os
import platform
import re
import socket
import time
from typing import Literal

import msgspec

from repartee.engines.build import (
    default_speech,
    opened,
    recognizer,
    responder,
    synthesizer,
    voice_detector,
)
from repartee.engines.ladder import measuring
from repartee.engines.ladder.measuring import SENTENCE, for_listening, silence
from repartee.engines.protocols import Samples, Sound, VoiceDetector
from repartee.machine import free_memory_bytes, usable_cores
from repartee.server.alive import health
from repartee.settings import Settings

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
        if _repartee_answers(settings):
            return Finding("port", "works", f"Repartee is running at {address}.")
        return Finding(
            "port",
            "broken",
            f"The server can't listen on {address} ({problem.strerror}). "
            "If another program or another Repartee has it, choose another with PORT.",
        )
    return Finding("port", "works", f"{address} is free.")


def _repartee_answers(settings: Settings) -> bool:
    said = health(settings.port, settings.tls_cert is not None, patience_s=1.0)
    return said is not None and b'"places"' in said


async def check_synthesizer(settings: Settings) -> tuple[Finding, Sound]:
    """Speaks a sentence; the sound is what the other checks listen to."""
    async with opened(synthesizer(settings)) as tts:
        spoken = await measuring.speak(tts, default_speech(settings))
    words = (
        f"{tts.name} spoke {spoken.seconds:.1f} s in {spoken.took_s * 1000:.0f} ms; "
        f"its first sound came after {spoken.speed.wait_ms:.0f} ms."
    )
    figures = {
        "first_sound_ms": round(spoken.speed.wait_ms, 2),
        "real_time_factor": spoken.speed.pace,
    }
    return Finding("tts", "works", words, figures), spoken.sound


async def check_recognizer(settings: Settings, sound: Sound) -> Finding:
    """Listens to the sentence that the synthesiser spoke."""
    async with opened(recognizer(settings)) as stt:
        samples = for_listening(sound)
        heard = await measuring.hear(stt, samples, settings.default_language)
    text, pace = heard.transcript.text, heard.speed.pace
    figures = {"real_time_factor": pace, "confidence": heard.transcript.confidence}
    words = f"{stt.name} took {pace:.2f} s for a second of speech"
    if not text:
        return Finding("stt", "broken", f"{words}, but heard nothing.", figures)
    words = f'{words} and heard "{text}"'
    if _share_of_words(SENTENCE, text) < 0.5:
        told = f'{words} when it was told "{SENTENCE}"'
        return Finding("stt", "careful", told, figures)
    if pace > 1:
        return Finding("stt", "careful", f"{words}. That is slower than people speak.", figures)
    return Finding("stt", "works", f"{words}.", figures)


async def check_responder(settings: Settings) -> Finding:
    """Asks the model one question."""
    async with opened(responder(settings)) as llm:
        answered = await measuring.answer(llm, settings.instructions)
    words = (
        f"{llm.name} began after {answered.speed.wait_ms:.0f} ms, "
        f"wrote {answered.tokens_per_second:.0f} words or parts of words a second, "
        f'and said "{answered.text}"'
    )
    figures = {
        "first_token_ms": round(answered.speed.wait_ms, 1),
        "tokens_per_second": answered.tokens_per_second,
    }
    return Finding("llm", "works", words, figures)


async def check_voice_detector(settings: Settings, sound: Sound) -> Finding:
    """Lets the detector hear speech and then silence."""
    async with opened(voice_detector(settings)) as detector:
        began = time.perf_counter()
        speech = await _probabilities(detector, for_listening(sound))
        took_s = time.perf_counter() - began
        quiet = await _probabilities(detector, silence(1))
    window_us = took_s / len(speech) * 1e6
    words = f"{detector.name} needs {window_us:.0f} µs to judge a piece of sound"
    figures = {"window_us": round(window_us, 1), "speech": max(speech), "silence": max(quiet)}
    if max(speech) < SPEECH_PROBABILITY:
        return Finding("vad", "broken", f"{words}, but takes speech for silence.", figures)
    if max(quiet) >= SPEECH_PROBABILITY:
        return Finding("vad", "broken", f"{words}, but takes silence for speech.", figures)
    return Finding("vad", "works", f"{words}, and tells speech from silence.", figures)


async def _probabilities(detector: VoiceDetector, samples: Samples) -> list[float]:
    stream, size = detector.stream(), detector.window_samples
    windows = (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    return [await stream.probability(window) for window in windows]


def _share_of_words(said: str, heard: str) -> float:
    words = [set(re.findall(r"\w+", text.lower())) for text in (said, heard)]
    return len(words[0] & words[1]) / len(words[0])


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"
