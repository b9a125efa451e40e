"""The broker for speech synthesis, as an application."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pybase64
from fastapi import APIRouter, Body, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from repartee import __version__
from repartee.audio.pcm import FULL_SCALE, Samples
from repartee.audio.wav import wav_bytes
from repartee.brokers.figures import Figures
from repartee.brokers.health import health, status
from repartee.brokers.speakers import Speaker
from repartee.calls.desk import Desk
from repartee.calls.single import Spoken, synthesize
from repartee.engines.protocols import Speech
from repartee.engines.tts.voices import KOKORO_VOICES, SHORT_NAMES
from repartee.server import docs, problems
from repartee.server.batches import spoken_batch
from repartee.server.body_limit import BodyLimit
from repartee.server.leaving import unless_left
from repartee.server.voice_models import MOST_ITEMS, SynthesisRequest

_MOST_BYTES = 1 << 20

router = APIRouter(tags=["TTS broker"])


class SynthesisWish(SynthesisRequest):
    format: Literal["float32", "wav"] = Field(
        default="float32",
        description="`float32` is raw little-endian mono, `wav` a complete file.",
    )


_BATCH = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_ITEMS,
                    "items": SynthesisWish.model_json_schema(),
                }
            }
        },
    }
}


class TtsBroker(msgspec.Struct, frozen=True):
    """`usual` is how it speaks where nothing else is wished."""

    speaker: Speaker
    desk: Desk
    usual: Speech
    timeout_s: float
    figures: Figures


def build_tts_broker(broker: TtsBroker, body_seconds: float) -> FastAPI:
    app = FastAPI(title="Repartee TTS broker", version=__version__, docs_url=None, redoc_url=None)
    app.state.broker = broker
    app.add_middleware(
        BodyLimit, usual_bytes=_MOST_BYTES, upload_bytes=_MOST_BYTES, seconds=body_seconds
    )
    problems.install(app)
    app.include_router(router)
    docs.install(app, [router])
    return app


def _broker(request: Request) -> TtsBroker:
    broker: TtsBroker = request.app.state.broker
    return broker


@router.post("/synthesize")
async def synthesize_one(request: Request, wish: SynthesisWish) -> Response:
    """A text, spoken."""
    broker = _broker(request)
    body = await unless_left(request, _spoken(broker, wish))
    return Response(body, media_type="application/json")


@router.post("/synthesize-batch", openapi_extra=_BATCH)
async def synthesize_batch(request: Request, wishes: Annotated[Any, Body()]) -> Response:
    """One to ten texts, spoken; a bad one is an `error` in its place and spoils no other."""
    return spoken_batch(wishes, SynthesisWish, partial(_spoken, _broker(request)))


async def _spoken(broker: TtsBroker, wish: SynthesisWish) -> bytes:
    speech = wish.speech(broker.usual)
    with broker.figures.request():
        async with broker.desk.job():
            await broker.speaker.ready()
            spoken = await synthesize(broker.speaker.tts, wish.text, speech)
        return await asyncio.to_thread(_written, wish, speech, spoken)


def _written(wish: SynthesisWish, speech: Speech, spoken: Spoken) -> bytes:
    sound = spoken.sound
    data = (
        wav_bytes(sound.samples, sound.rate_hz) if wish.format == "wav" else floats(sound.samples)
    )
    return msgspec.json.encode(
        {
            "audio_base64": pybase64.b64encode_as_string(data),
            "audio_sample_rate": sound.rate_hz,
            "audio_duration_seconds": round(spoken.seconds, 3),
            "format": wish.format,
            "voice": speech.voice,
            "voice_used": spoken.voice.name,
            "lang_code": speech.language,
            "speed": speech.speed,
            "text_length": len(wish.text),
        }
    )


def floats(samples: Samples) -> bytes:
    """As Kokoro itself gives out its sound: little-endian floats from -1 to 1."""
    return (samples.astype("<f4") / np.float32(FULL_SCALE)).tobytes()


@router.get("/voices")
async def voices(request: Request) -> dict[str, Any]:
    """Every voice that can be asked for; an error while nobody is there to speak."""
    broker = _broker(request)
    await broker.speaker.check()
    await broker.speaker.ready()
    own = broker.speaker.tts.voices()
    names = dict.fromkeys([voice.name for voice in own])
    known = {} if names.keys() & KOKORO_VOICES.keys() else KOKORO_VOICES
    return {
        "voices": [*names, *known, *SHORT_NAMES],
        "default_voice": broker.usual.voice,
        "service": broker.speaker.name,
        "details": [
            {"name": voice.name, "language": voice.language, "gender": voice.gender}
            for voice in own
        ],
    }


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """200 if what is behind the broker works, 503 if not."""
    speaker = _broker(request).speaker
    return await health(speaker.name, speaker.check)


@router.get("/info")
async def info(request: Request) -> dict[str, Any]:
    broker = _broker(request)
    return {
        "service": "Repartee TTS broker",
        "version": __version__,
        **broker.speaker.about(),
        "default_voice": broker.usual.voice,
        "formats": ["float32", "wav"],
        "most_per_batch": MOST_ITEMS,
        "request_timeout": broker.timeout_s,
        "endpoints": [
            "/synthesize",
            "/synthesize-batch",
            "/voices",
            "/healthz",
            "/info",
            "/broker-status",
        ],
    }


@router.get("/broker-status")
async def broker_status(request: Request) -> dict[str, Any]:
    broker = _broker(request)
    return await status(broker.speaker.name, broker.speaker.check, broker.figures)
