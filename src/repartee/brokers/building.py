"""From settings to a broker: what stands behind it, and how much of it at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from fastapi import FastAPI

from repartee.brokers.figures import Figures
from repartee.brokers.kokoro import Kokoro
from repartee.brokers.stt import SttBroker, build_stt_broker
from repartee.brokers.transcribers import LocalTranscriber, Transcriber, WhisperServer
from repartee.brokers.tts import TtsBroker, build_tts_broker
from repartee.brokers.upstream import Upstream, remote_url
from repartee.calls.decoding import DecodingRoom
from repartee.calls.desk import Desk
from repartee.calls.single import synthesize
from repartee.engines.build import (
    default_speech,
    opened,
    recognizer,
    synthesizer,
    voice_detector,
)
from repartee.machine import usable_cores
from repartee.settings import Settings

_FORWARDED_AT_ONCE = 8
_FORM_BYTES = 64 * 1024
"""What a form may hold beside its recording."""


def _engine_at_once() -> int:
    return max(int(usable_cores()), 1)


@asynccontextmanager
async def stt_broker(settings: Settings, engine: str | None) -> AsyncIterator[FastAPI]:
    """The application, open; it forwards unless it has an engine of its own."""
    timeout_s = settings.sst_request_timeout
    transcriber: Transcriber
    if engine is None:
        url = remote_url(
            settings.remote_sst_url, settings.remote_sst_host, settings.remote_sst_port
        )
        upstream = Upstream("whisper.cpp server", url, "REMOTE_SST_URL")
        desk = Desk(upstream.name, _FORWARDED_AT_ONCE, timeout_s)
        transcriber = WhisperServer(upstream, timeout_s)
    else:
        local = settings.model_copy(update={"stt": engine})
        stt = recognizer(local)
        desk = Desk(f"{stt.name} engine", _engine_at_once(), timeout_s)
        transcriber = LocalTranscriber(voice_detector(local), stt, local.default_language, desk)
    decoding = DecodingRoom()
    try:
        async with opened(transcriber):
            await decoding.open()
            broker = SttBroker(transcriber, decoding, desk, timeout_s, Figures())
            yield build_stt_broker(broker, (settings.max_upload_mb << 20) + _FORM_BYTES)
    finally:
        await decoding.close()


@asynccontextmanager
async def tts_broker(settings: Settings, engine: str | None) -> AsyncIterator[FastAPI]:
    """The application, open; it forwards unless it has an engine of its own."""
    if engine is None:
        async with _forwarding(settings) as broker:
            yield build_tts_broker(broker)
    else:
        async with _speaking_itself(settings, engine) as broker:
            yield build_tts_broker(broker)


@asynccontextmanager
async def _forwarding(settings: Settings) -> AsyncIterator[TtsBroker]:
    timeout_s = settings.tts_request_timeout
    url = remote_url(settings.remote_tts_url, settings.remote_tts_host, settings.remote_tts_port)
    upstream = Upstream("Kokoro server", url, "REMOTE_TTS_URL")
    async with opened(upstream), opened(Kokoro(url, timeout_s)) as kokoro:
        yield TtsBroker(
            service=upstream.name,
            tts=kokoro,
            desk=Desk(upstream.name, _FORWARDED_AT_ONCE, timeout_s),
            usual=default_speech(settings),
            timeout_s=timeout_s,
            figures=Figures(),
            works=upstream.answers,
            about={"engine": "kokoro", "remote_url": upstream.url},
        )


@asynccontextmanager
async def _speaking_itself(settings: Settings, engine: str) -> AsyncIterator[TtsBroker]:
    usual = default_speech(settings)
    async with opened(synthesizer(settings.model_copy(update={"tts": engine}))) as tts:
        desk = Desk(f"{tts.name} engine", _engine_at_once(), settings.tts_request_timeout)
        trials = count(1)

        def speak() -> Awaitable[Any]:
            # Another word each time: what is kept in a cache proves nothing.
            return synthesize(tts, str(next(trials)), usual)

        yield TtsBroker(
            service=f"{tts.name} engine",
            tts=tts,
            desk=desk,
            usual=usual,
            timeout_s=settings.tts_request_timeout,
            figures=Figures(),
            works=lambda: desk.found_working(speak),
            about={"engine": tts.name},
        )
