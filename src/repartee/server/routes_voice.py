"""`/api/voice`: a recording written down, a text spoken, a spoken message answered.

Each request stands alone. What is spoken is streamed where the client can take it so, and what
takes the machine's time waits its turn behind the live calls.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Request
from fastapi.responses import Response, StreamingResponse
from starlette.websockets import WebSocket

from repartee.audio.encoding import FORMATS
from repartee.calls.single import Transcription
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.protocols import Recognizer, Synthesizer
from repartee.engines.tts.cached import Cached, CacheFigures
from repartee.engines.tts.voices import KOKORO_VOICES, SHORT_NAMES
from repartee.errors import UnknownVoice
from repartee.server.batches import spoken_batch
from repartee.server.engine_troubles import why_not_working
from repartee.server.house import House
from repartee.server.leaving import unless_left
from repartee.server.problems import Problem
from repartee.server.routes_sockets import admitted
from repartee.server.security.callers import caller_of
from repartee.server.voice_answers import (
    StreamedSpeech,
    encoded,
    synthesized,
)
from repartee.server.voice_intake import language_named, samples_of, sent_recording
from repartee.server.voice_message import whole_answer
from repartee.server.voice_models import (
    A_BATCH,
    A_RECORDING,
    Answered,
    CacheHealth,
    MessageRequest,
    NotSynthesized,
    StreamRequest,
    SynthesisRequest,
    Synthesized,
    Transcribed,
    VoiceDetails,
    VoiceHealth,
    Voices,
)
from repartee.server.voice_socket import VoiceSocket

router = APIRouter(
    prefix="/api/voice",
    tags=["Voice"],
    responses={
        status: {"model": Problem, "description": description}
        for status, description in (
            (400, "There is nothing in the request."),
            (413, "It is more than is taken."),
            (422, "Something in it can't be used."),
            (429, "That is more than one may have for now; Retry-After says when to ask again."),
            (502, "An engine's service answered nonsense."),
            (503, "An engine can't be reached, or there is too much to do."),
            (504, "An engine took too long."),
        )
    },
)


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


# ---------------------------------------------------------------- listening


@router.post("/transcribe", openapi_extra=A_RECORDING)
async def transcribe(request: Request) -> Transcribed:
    """What is said in a recording: a form with a `file`, or JSON with `audio_base64`."""
    house = house_of(request)
    sent = await sent_recording(request)
    samples = await samples_of(house, sent.data, sent.declared)
    language = language_named(sent.language) or house.options.speech.language
    return transcribed(await unless_left(request, house.errands.transcribe(samples, language)))


def transcribed(heard: Transcription) -> Transcribed:
    return Transcribed(
        text=heard.text,
        language=heard.language,
        confidence=round(heard.confidence, 3),
        duration_seconds=round(heard.duration_seconds, 3),
        model=heard.model,
    )


# ---------------------------------------------------------------- speaking


@router.post("/synthesize", response_model=Synthesized)
async def synthesize(request: Request, wish: SynthesisRequest) -> Response:
    """A text, spoken, as a WAV file in base64."""
    answer = await unless_left(request, _spoken(house_of(request), wish))
    return Response(answer, media_type="application/json")


@router.post(
    "/synthesize-batch",
    response_model=list[Synthesized | NotSynthesized],
    openapi_extra=A_BATCH,
)
async def synthesize_batch(request: Request, wishes: Annotated[Any, Body()]) -> Response:
    """One to ten texts, spoken; a bad one is an `error` in its place and spoils no other."""
    return spoken_batch(wishes, SynthesisRequest, partial(_spoken, house_of(request)))


async def _spoken(house: House, wish: SynthesisRequest) -> bytes:
    speech = wish.speech(house.options.speech)
    await house.limits.spend("characters", len(wish.text))
    return await synthesized(wish, speech, await house.errands.synthesize(wish.text, speech))


@router.post(
    "/audio-stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file, sent while it is spoken.",
            "content": {
                file.content_type: {"schema": {"type": "string", "format": "binary"}}
                for file in FORMATS.values()
            },
        }
    },
)
async def audio_stream(request: Request, wish: StreamRequest) -> StreamedSpeech:
    """A text, spoken, as a sound file that begins to come before it has been spoken to its end."""
    house, file = house_of(request), FORMATS[wish.format]
    speech = wish.speech(house.options.speech)
    await house.limits.spend("characters", len(wish.text))
    sounds = house.errands.stream(wish.text, speech)
    pieces = encoded(sounds, file)
    return StreamedSpeech(await unless_left(request, anext(pieces)), pieces, file)


# ---------------------------------------------------------------- answering


@router.post("/message")
async def message(request: Request, wish: MessageRequest) -> Answered:
    """A spoken message, understood and answered aloud. When its client leaves, the work ends.

    `persona`, `voice`, `speed` and `language` may stand in the query, too.
    """
    owner = caller_of(request).owner
    answer = whole_answer(house_of(request), wish, request.query_params, owner)
    return await unless_left(request, answer)


@router.websocket("/ws/chat")
async def chat(socket: WebSocket) -> None:
    """The requests of `/api/voice`, over one connection.

    Messages of the type `transcribe`, `synthesize`, `voice_message` and `ping`, with the fields
    that the requests have; each is answered as it is done.
    """
    if await admitted(socket):
        await VoiceSocket(socket, socket.app.state.house).run()


# ---------------------------------------------------------------- about it


@router.get("/voices")
async def voices(request: Request) -> Voices:
    """Every voice that can be asked for: the engine's own, and the names that clients know."""
    house = house_of(request)
    tts = house.engines.tts
    known = {voice.name: voice for voice in tts.voices()}
    for name in (*KOKORO_VOICES, *SHORT_NAMES):
        if name not in known:
            with suppress(UnknownVoice):
                known[name] = tts.resolve(name, house.options.speech.language)
    return Voices(
        voices=list(known),
        default_voice=house.settings.tts_default_voice,
        service=tts.name,
        details=[
            VoiceDetails(name=name, language=voice.language, gender=voice.gender, engine=tts.name)
            for name, voice in known.items()
        ],
    )


@router.get("/health")
async def health(request: Request) -> VoiceHealth:
    """Whether the engines work: as was seen a little while ago, or as a short trial shows now. An
    engine that takes longer than a second for it is as it was known to be."""
    errands, engines = house_of(request).errands, house_of(request).engines
    await asyncio.gather(errands.hearing_works(), errands.speaking_works())
    sst_problem = why_not_working(errands.hearing.trouble, ready=_is_ready(engines.stt))
    tts_problem = why_not_working(errands.speaking.trouble, ready=_is_ready(engines.tts))
    return VoiceHealth(
        status="degraded" if sst_problem or tts_problem else "healthy",
        sst_service=engines.stt.name,
        tts_service=engines.tts.name,
        sst_healthy=sst_problem is None,
        tts_healthy=tts_problem is None,
        sst_problem=sst_problem,
        tts_problem=tts_problem,
        cache=_cache_of(engines.tts),
    )


def _is_ready(engine: Recognizer | Synthesizer) -> bool:
    """Engines that ask somebody else know at any time whether that works, more or less."""
    return bool(getattr(engine, "ready", True))


def _cache_of(tts: Synthesizer) -> CacheHealth | None:
    """The figures of all caches together: in a chain each engine has its own."""
    engines = tts.engines if isinstance(tts, SynthesizerChain) else (tts,)
    figures = [msgspec.structs.astuple(one.figures) for one in engines if isinstance(one, Cached)]
    if not figures:
        return None
    return CacheHealth.model_validate(CacheFigures(*map(sum, zip(*figures, strict=True))))
