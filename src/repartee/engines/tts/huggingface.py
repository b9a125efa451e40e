"""Text to speech through Hugging Face's inference: MMS-TTS, SpeechT5 and their like.

A model answers with a whole file in a format of its own, so a long text is asked for sentence by
sentence; each such portion is sound as soon as it is there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.huggingface import INFERENCE_URL, inference_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import json_request
from repartee.engines.remote.service import Service
from repartee.engines.tts.encoded import decoded
from repartee.engines.tts.portions import portions
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import resolve_among

MODEL = "facebook/mms-tts-eng"
LONGEST_PORTION = 200
SPEEDS = Speeds(0.25, 4.0)
_MOST_FILE_BYTES = 32 << 20


class HuggingFaceSynthesizer:
    name = "huggingface"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        api_key: str = "",
        model: str = MODEL,
        language: str = "en",
        base_url: str = INFERENCE_URL,
        patience: Patience = USUAL,
    ) -> None:
        """`language` is the one that the model speaks."""
        self._service = Service(inference_address(base_url, api_key), patience)
        self._path = f"/models/{model}"
        self._voice = Voice(model.rpartition("/")[2], language)

    def __repr__(self) -> str:
        return f"<HuggingFaceSynthesizer {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    def voices(self) -> Sequence[Voice]:
        return (self._voice,)

    def resolve(self, voice: str, language: str) -> Voice:
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.resolve(speech.voice, speech.language)
        speed = SPEEDS.nearest(speech.speed)
        for portion in portions(text, LONGEST_PORTION):
            request = json_request(self._path, {"inputs": portion}, accept="audio/*")
            file = await self._service.fetch(request, _MOST_FILE_BYTES)
            yield await decoded(file, speed, self._service.address)

    async def close(self) -> None:
        await self._service.close()
