"""Speech to text by a server of whisper.cpp, or by a broker in front of one.

Such a server does one thing at a time, and stops when its connection is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Samples, Transcript
from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import form_request
from repartee.engines.remote.service import Service
from repartee.engines.stt.upload import hearing
from repartee.engines.stt.whisper_answer import (
    LANGUAGES,
    MOST_BYTES,
    language_code,
    transcript_of,
)

BASE_URL = "http://127.0.0.1:8080"
_PATH = "/inference"


class WhisperCpp:
    name = "whispercpp"
    languages: Sequence[str] = LANGUAGES

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        url_setting: str = "SST_BROKER_URL",
        patience: Patience = USUAL,
    ) -> None:
        """`url_setting` is what the setting is called from which the address came."""
        address = Address(
            base_url.strip().rstrip("/").removesuffix(_PATH),
            url_setting=url_setting,
        )
        self._service = Service(address, patience)

    def __repr__(self) -> str:
        return f"<WhisperCpp {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        self._service.warm()
        fields = {
            "response_format": "verbose_json",
            "language": language_code(language) or "auto",
            "temperature": "0.0",
            # Otherwise it listens once more, only to say which languages it might have been.
            "no_language_probabilities": "true",
        }

        async def transcribe(samples: Samples) -> Transcript:
            wav = wav_bytes(samples, LISTENING_RATE_HZ)
            body = await self._service.fetch(form_request(_PATH, fields, wav), MOST_BYTES)
            return transcript_of(body, self._service.address)

        return hearing(transcribe)

    async def close(self) -> None:
        await self._service.close()
