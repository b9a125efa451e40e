"""From settings to a broker: what stands behind it, and how much of it at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from repartee.brokers.door import guarded
from repartee.brokers.figures import Figures
from repartee.brokers.speakers import KokoroSpeaker, LocalSpeaker, Speaker
from repartee.brokers.stt import SttBroker, build_stt_broker
from repartee.brokers.transcribers import LocalTranscriber, Transcriber, WhisperServer
from repartee.brokers.tts import TtsBroker, build_tts_broker
from repartee.brokers.upstream import Upstream
from repartee.calls.decoding import DecodingRoom
from repartee.calls.desk import Desk
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
        url = settings.whispercpp_url
        upstream = Upstream("whisper.cpp server", url, "REMOTE_SST_URL", timeout_s)
        desk = Desk(upstream.name, _FORWARDED_AT_ONCE, timeout_s)
        transcriber = WhisperServer(upstream)
    else:
        local = settings.model_copy(update={"stt": engine})
        stt = recognizer(local)
        desk = Desk(f"{stt.name} engine", _engine_at_once(), timeout_s)
        transcriber = LocalTranscriber(
            voice_detector(local), stt, local.stt_model, local.default_language, desk
        )
    decoding = DecodingRoom()
    try:
        async with opened(transcriber):
            await decoding.open()
            broker = SttBroker(transcriber, decoding, desk, timeout_s, Figures())
            most_bytes = (settings.max_upload_mb << 20) + _FORM_BYTES
            app = build_stt_broker(broker, most_bytes, settings.body_seconds)
            async with guarded(app, settings, "stt"):
                yield app
    finally:
        await decoding.close()


@asynccontextmanager
async def tts_broker(settings: Settings, engine: str | None) -> AsyncIterator[FastAPI]:
    """The application, open; it forwards unless it has an engine of its own."""
    timeout_s, usual = settings.tts_request_timeout, default_speech(settings)
    speaker: Speaker
    if engine is None:
        url = settings.kokoro_url
        upstream = Upstream("Kokoro server", url, "REMOTE_TTS_URL", timeout_s)
        desk = Desk(upstream.name, _FORWARDED_AT_ONCE, timeout_s)
        speaker = KokoroSpeaker(upstream, timeout_s)
    else:
        tts = synthesizer(settings.model_copy(update={"tts": engine}))
        desk = Desk(f"{tts.name} engine", _engine_at_once(), timeout_s)
        speaker = LocalSpeaker(tts, settings.tts_model, usual, desk)
    async with opened(speaker):
        broker = TtsBroker(speaker, desk, usual, timeout_s, Figures())
        app = build_tts_broker(broker, settings.body_seconds)
        async with guarded(app, settings, "tts"):
            yield app
