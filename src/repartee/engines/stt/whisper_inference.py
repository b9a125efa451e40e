"""What whisper.cpp's server answers at `/inference`, and whoever speaks as it does."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Hearing, Samples, Transcript
from repartee.engines.remote.address import Address
from repartee.engines.remote.request import form_request
from repartee.engines.remote.service import Service
from repartee.engines.stt.upload import hearing
from repartee.engines.stt.whisper_answer import MOST_BYTES, language_code, transcript_of

_PATH = "/inference"


def address(base_url: str, url_setting: str) -> Address:
    """People copy the whole path, or the server's address alone."""
    return Address(base_url.strip().rstrip("/").removesuffix(_PATH), url_setting=url_setting)


def listening(service: Service, language: str) -> AbstractAsyncContextManager[Hearing]:
    """One turn, sent when it settles."""
    service.warm()
    fields = {
        "response_format": "verbose_json",
        "language": language_code(language) or "auto",
        "temperature": "0.0",
        # Otherwise it listens once more, only to say which languages it might have been.
        "no_language_probabilities": "true",
    }

    async def transcribe(samples: Samples) -> Transcript:
        wav = wav_bytes(samples, LISTENING_RATE_HZ)
        body = await service.fetch(form_request(_PATH, fields, wav), MOST_BYTES)
        return transcript_of(body, service.address)

    return hearing(transcribe)
