"""Speech as `/api/voice` answers with it: in JSON, or as a file that is written as it is spoken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import msgspec
import pybase64
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from repartee.audio.encoding import Format
from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.wav import wav_bytes
from repartee.calls.single import Spoken
from repartee.engines.protocols import Sound, Speech
from repartee.errors import ReparteeError
from repartee.server.voice_models import SynthesisRequest

log = logging.getLogger(__name__)

_TAKEN_WITHIN_SECONDS = 120.0
"""A player that has enough for now may stop reading; one that takes nothing for so long is gone."""


def wav_base64(samples: Samples) -> str:
    return pybase64.b64encode_as_string(wav_bytes(samples, SPEAKING_RATE_HZ))


def seconds(samples: Samples) -> float:
    return round(len(samples) / SPEAKING_RATE_HZ, 3)


async def synthesized(wish: SynthesisRequest, speech: Speech, spoken: Spoken) -> bytes:
    """The answer as JSON: ten thousand characters may well be forty megabytes of it."""
    samples = spoken.sound.samples

    def written() -> bytes:
        rest = msgspec.json.encode(
            {
                "audio_sample_rate": SPEAKING_RATE_HZ,
                "audio_duration_seconds": seconds(samples),
                "voice": speech.voice,
                "voice_used": spoken.voice.name,
                "lang_code": speech.language,
                "speed": speech.speed,
                "text_length": len(wish.text),
            }
        )
        # Put in as it is: looking through megabytes for what JSON escapes would hold everybody up.
        audio = pybase64.b64encode(wav_bytes(samples, SPEAKING_RATE_HZ))
        return b"".join((b'{"audio_base64":"', audio, b'",', rest[1:]))

    return await asyncio.to_thread(written)


async def encoded(sounds: AsyncGenerator[Sound], file: Format) -> AsyncGenerator[bytes]:
    """The file, as far as it is spoken; leaving it stops the voice."""
    encoder = await asyncio.to_thread(file.encoder, SPEAKING_RATE_HZ)
    async with aclosing(sounds):
        async for sound in sounds:
            if data := await asyncio.to_thread(encoder.push, sound.samples):
                yield data
    if rest := await asyncio.to_thread(encoder.finish):
        yield rest


class StreamedSpeech(StreamingResponse):
    """An answer that stops the voice however it ends, and does not wait for ever for its client.

    The first bytes are there before it begins: until then a failure can be told in its own words.
    After that all that can be done is to break off, which clients take for what it is.
    """

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes], file: Format) -> None:
        headers = {
            "Content-Disposition": f'inline; filename="speech.{file.extension}"',
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
        super().__init__(_joined(first, rest), media_type=file.content_type, headers=headers)
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(_TAKEN_WITHIN_SECONDS):
                await send(message)

        try:
            async with aclosing(self._rest):
                await super().__call__(scope, receive, send_in_time)
        except (ClientDisconnect, TimeoutError):
            log.info("A client no longer takes the speech that it is sent.")
        except ReparteeError as failure:
            log.warning("Speech breaks off in the middle: %s", failure)


async def _joined(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece
