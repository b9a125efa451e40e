"""A voice that hums: a quiet tone, exactly as long as the text deserves.

Every letter (any character that is no space) takes the same time, so that each word's place in
the sound is known to the sample.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import msgspec
import numpy as np

from repartee.engines.protocols import Samples, Sound, Speech, Voice, WordTime
from repartee.engines.script import Sleep, read_script
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import KOKORO_VOICES, resolve_among
from repartee.errors import EngineFailed

RATE_HZ = 24_000
SPEEDS = Speeds(0.25, 4.0)
_LOUDNESS = 1_000
"""The crest of the tone: about 30 dB below full scale."""
_PITCH_HZ = {"female": 220, "male": 110, "neutral": 165}
_WORD = re.compile(r"\S+")


class SpeakingScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    letter_ms: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    piece_ms: Annotated[int, msgspec.Meta(ge=1)] = 100
    """The length of one piece of sound."""
    first_piece_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How long the first piece takes to come; the others take nothing."""
    fail_after_pieces: Annotated[int, msgspec.Meta(ge=0)] | None = None


class ScriptedSynthesizer:
    name = "scripted"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        letter_ms: float = 60.0,
        piece_ms: int = 100,
        first_piece_ms: float = 0.0,
        fail_after_pieces: int | None = None,
        script: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._path = script
        self._script = SpeakingScript(letter_ms, piece_ms, first_piece_ms, fail_after_pieces)
        self._sleep = sleep

    async def open(self) -> None:
        self._script = await read_script(self._path, "tts", self._script)

    def voices(self) -> Sequence[Voice]:
        return tuple(KOKORO_VOICES.values())

    def resolve(self, voice: str, language: str) -> Voice:
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        speed = SPEEDS.nearest(speech.speed)
        letter = self._script.letter_ms / 1000 * RATE_HZ / speed
        words, letters = _words(text, letter * 1000 / RATE_HZ)
        total, piece = round(letters * letter), self._script.piece_ms * RATE_HZ // 1000
        delay_ms = self._script.first_piece_ms
        for number, begin in enumerate(range(0, total, piece)):
            await self._sleep(delay_ms / 1000)
            if number == self._script.fail_after_pieces:
                raise EngineFailed("The scripted voice failed, as its script says.")
            end = min(begin + piece, total)
            here = [w for w in words if begin <= w.start_ms * RATE_HZ // 1000 < end]
            yield Sound(_tone(begin, end, _PITCH_HZ[voice.gender]), RATE_HZ, tuple(here))
            delay_ms = 0.0

    async def close(self) -> None:
        """There is nothing to give back."""


def _words(text: str, letter_ms: float) -> tuple[list[WordTime], int]:
    """Every word with the time at which it begins, and how many letters there are in all."""
    words: list[WordTime] = []
    letters = 0
    for word in _WORD.finditer(text):
        words.append(WordTime(word.start(), len(word[0]), int(letters * letter_ms)))
        letters += len(word[0])
    return words, letters


def _tone(begin: int, end: int, pitch_hz: int) -> Samples:
    """The tone from one sample to another; pieces join without a step."""
    phase = np.arange(begin, end) * (2 * np.pi * pitch_hz / RATE_HZ)
    tone: Samples = np.rint(np.sin(phase) * _LOUDNESS).astype(np.int16)
    return tone
