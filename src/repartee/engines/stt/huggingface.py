"""Speech to text through Hugging Face's inference: one of Whisper's models, or another.

It says nothing about how sure it is. It finds out the language by itself, and does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Samples, Transcript
from repartee.engines.remote.huggingface import INFERENCE_URL, inference_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.stt.upload import hearing
from repartee.engines.stt.whisper_answer import MOST_BYTES, transcript_of
from repartee.engines.stt.whisper_languages import LANGUAGES

MODEL = "openai/whisper-large-v3"


class HuggingFaceRecognizer:
    name = "huggingface"
    languages: Sequence[str] = LANGUAGES

    def __init__(
        self,
        *,
        api_key: str = "",
        model: str = MODEL,
        base_url: str = INFERENCE_URL,
        patience: Patience = USUAL,
    ) -> None:
        self._service = Service(inference_address(base_url, api_key), patience)
        self._path = f"/models/{model}"

    def __repr__(self) -> str:
        return f"<HuggingFaceRecognizer {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        self._service.warm()
        return hearing(self._transcribe)

    async def close(self) -> None:
        await self._service.close()

    async def _transcribe(self, samples: Samples) -> Transcript:
        wav = wav_bytes(samples, LISTENING_RATE_HZ)
        request = Request(self._path, wav, "audio/wav", "application/json")
        body = await self._service.fetch(request, MOST_BYTES)
        return transcript_of(body, self._service.address)
