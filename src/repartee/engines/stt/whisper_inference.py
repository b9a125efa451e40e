"""What whisper.cpp's server answers at `/inference`, and whoever speaks as it does."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Hearing, Samples, Transcript
from repartee.engines.remote.address import Address
from repartee.engines.remote.lookout import Lookout
from repartee.engines.remote.request import Request, form_request
from repartee.engines.remote.service import Service
from repartee.engines.stt.upload import hearing
from repartee.engines.stt.whisper_answer import MOST_BYTES, transcript_of

INFERENCE = "/inference"
_LONG_SAMPLES = 60 * LISTENING_RATE_HZ


def address(base_url: str, url_setting: str, *, key: str = "", key_setting: str = "") -> Address:
    """People copy the whole path, or the server's address alone."""
    place = base_url.strip().rstrip("/").removesuffix(INFERENCE)
    return Address(place, url_setting=url_setting, key=key, key_setting=key_setting)


def listening(
    service: Service, language: str, lookout: Lookout
) -> AbstractAsyncContextManager[Hearing]:
    """One turn, sent when it settles; a language that is empty is for the service to find out."""
    service.warm()
    fields = {
        "response_format": "verbose_json",
        "language": language or "auto",
        "temperature": "0.0",
        # Otherwise it listens once more, only to say which languages it might have been.
        "no_language_probabilities": "true",
    }

    def form(samples: Samples) -> Request:
        return form_request(INFERENCE, fields, wav_bytes(samples, LISTENING_RATE_HZ))

    async def transcribe(samples: Samples) -> Transcript:
        # A turn of ten minutes takes some 20 ms to write, and a thread longer than a short one.
        is_long = len(samples) > _LONG_SAMPLES
        request = await asyncio.to_thread(form, samples) if is_long else form(samples)
        with lookout.watching():
            return transcript_of(await service.fetch(request, MOST_BYTES), service.address)

    return hearing(transcribe)
