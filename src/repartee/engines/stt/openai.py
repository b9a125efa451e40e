"""Speech to text behind a server that speaks as OpenAI's does.

OpenAI itself is one, Groq, speaches and vLLM are others.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Samples, Transcript
from repartee.engines.remote.openai import BASE_URL, openai_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import form_request
from repartee.engines.remote.service import Service
from repartee.engines.stt.upload import hearing
from repartee.engines.stt.whisper_answer import MOST_BYTES, transcript_of
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code

MODEL = "whisper-1"

Format = Literal["verbose_json", "json"]


class OpenAIRecognizer:
    name = "openai"
    languages: Sequence[str] = LANGUAGES

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        api_key: str = "",
        model: str = MODEL,
        response_format: Format | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`response_format` is for servers that refuse the one which says how sure they are."""
        self._service = Service(openai_address(base_url, api_key), patience)
        self._fields = _fields(model, response_format)
        self.detects = self._fields["response_format"] == "verbose_json"
        """The shorter answers don't tell the language."""

    def __repr__(self) -> str:
        return f"<OpenAIRecognizer {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        await self._service.reach()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        self._service.warm()
        code = language_code(language)
        fields = {**self._fields, "language": code} if code else self._fields

        async def transcribe(samples: Samples) -> Transcript:
            wav = wav_bytes(samples, LISTENING_RATE_HZ)
            request = form_request("/audio/transcriptions", fields, wav)
            body = await self._service.fetch(request, MOST_BYTES)
            return transcript_of(body, self._service.address)

        return hearing(transcribe)

    async def close(self) -> None:
        await self._service.close()


def _fields(model: str, response_format: Format | None) -> dict[str, str]:
    """OpenAI's newer models don't speak of segments, but tell the chance of every token."""
    fields = {"model": model, "temperature": "0"}
    if response_format is None and model.startswith("gpt-"):
        return {**fields, "response_format": "json", "include[]": "logprobs"}
    return {**fields, "response_format": response_format or "verbose_json"}
