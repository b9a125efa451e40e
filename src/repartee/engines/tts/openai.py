"""Text to speech behind a server that speaks as OpenAI's does, streamed as raw sound."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.openai import BASE_URL, openai_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import json_request
from repartee.engines.remote.service import Service
from repartee.engines.tts.incoming import incoming_sound
from repartee.engines.tts.portions import portions
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import in_language, kokoro_voice, resolve_among

MODEL = "tts-1"
RATE_HZ = 24_000
LONGEST_PORTION = 4_000
SPEEDS = Speeds(0.25, 4.0)

VOICES = (
    Voice("coral", "en-us", "female"),
    Voice("nova", "en-us", "female"),
    Voice("sage", "en-us", "female"),
    Voice("shimmer", "en-us", "female"),
    Voice("onyx", "en-us", "male"),
    Voice("echo", "en-us", "male"),
    Voice("ash", "en-us", "male"),
    Voice("fable", "en-gb", "male"),
    Voice("alloy", "en-us", "neutral"),
)
"""Those that every model of OpenAI's has; each speaks every language."""


class OpenAISynthesizer:
    name = "openai"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        api_key: str = "",
        model: str = MODEL,
        voices: Sequence[str] = (),
        rate_hz: int = RATE_HZ,
        patience: Patience = USUAL,
    ) -> None:
        """`voices` are the names of those of another server, and `rate_hz` is its raw sound's."""
        self._service = Service(openai_address(base_url, api_key), patience)
        self._model = model
        self._voices = tuple(map(_voice, voices)) or VOICES
        self._rate_hz = rate_hz

    def __repr__(self) -> str:
        return f"<OpenAISynthesizer {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        await self._service.reach()

    def voices(self) -> Sequence[Voice]:
        return self._voices

    def resolve(self, voice: str, language: str) -> Voice:
        speaker = resolve_among(self._voices, voice, language)
        return in_language(speaker, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        read = partial(incoming_sound, rate_hz=self._rate_hz)
        wishes = {
            "model": self._model,
            "voice": self.resolve(speech.voice, speech.language).name,
            "speed": SPEEDS.nearest(speech.speed),
            "response_format": "pcm",
        }
        for portion in portions(text, LONGEST_PORTION):
            request = json_request("/audio/speech", {**wishes, "input": portion})
            async with aclosing(self._service.ask(request, read)) as sounds:
                async for sound in sounds:
                    yield sound

    async def close(self) -> None:
        await self._service.close()


def _voice(name: str) -> Voice:
    return kokoro_voice(name) or Voice(name, "en-us")
