"""What the server says about itself: its page, its settings for pages, its health."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from repartee import __version__
from repartee.personas import PERSONAS
from repartee.server.house import House

router = APIRouter()


@router.get("/", include_in_schema=False)
async def page() -> Response:
    from repartee.server.app import PAGE

    return FileResponse(PAGE / "index.html")


@router.get("/config")
async def config(request: Request) -> dict[str, Any]:
    """Everything that a page needs to know, so that nothing is hard-coded in it."""
    house: House = request.app.state.house
    settings, engines = house.settings, house.engines
    scheme = "wss" if request.url.scheme == "https" else "ws"
    return {
        "websocket_url": f"{scheme}://{request.url.netloc}/ws",
        "default_volume": settings.default_volume,
        "auto_scroll": settings.auto_scroll,
        "save_chat_history": settings.save_chat_history,
        "max_chat_history": settings.max_chat_history,
        "chunk_size": settings.chunk_size,
        "max_queue_size": settings.max_queue_size,
        "enable_audio": settings.enable_audio,
        "audio_buffer_size": settings.audio_buffer_size,
        "tts_sample_rate": settings.tts_sample_rate,
        "listening_sample_rate": 16_000,
        "default_voice": settings.tts_default_voice,
        "personas": [
            {"key": one.key, "name": one.name, "voice": one.voice} for one in PERSONAS.values()
        ],
        "voices": [
            {"name": voice.name, "language": voice.language, "gender": voice.gender}
            for voice in engines.tts.voices()
        ],
        "languages": list(engines.stt.languages),
        "engines": {kind: getattr(engines, kind).name for kind in ("voice", "stt", "llm", "tts")},
    }


@router.get("/health")
async def health(request: Request) -> dict[str, Any]:
    house: House = request.app.state.house
    ready = {kind: getattr(house.engines, kind).name for kind in ("stt", "llm", "tts")}
    return {
        "status": "healthy",
        "active_sessions": len(house.roster),
        "version": __version__,
        "engines": {kind: {"name": name, "ready": True} for kind, name in ready.items()},
        "llm_loaded": True,
        "tts_loaded": True,
    }
