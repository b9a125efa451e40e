"""The broker for speech recognition, as an application."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from repartee import __version__
from repartee.brokers.figures import Figures
from repartee.brokers.formats import CONTENT_TYPES, Format
from repartee.brokers.health import health, status
from repartee.brokers.transcribers import Transcriber
from repartee.brokers.wishes import FIELDS, wish_in
from repartee.calls.decoding import DecodingRoom
from repartee.calls.desk import Desk
from repartee.errors import BadInput
from repartee.server import docs, problems
from repartee.server.body_limit import BodyLimit
from repartee.server.leaving import unless_left
from repartee.server.recordings import recorded

router = APIRouter(tags=["STT broker"])

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "temperature": {"type": "number", "default": 0.0},
                        "temperature_inc": {"type": "number", "default": 0.2},
                        "response_format": {"type": "string", "enum": list(get_args(Format))},
                        "language": {"type": "string", "example": "en"},
                    },
                }
            }
        },
    }
}
_MODEL = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["model"],
                    "properties": {"model": {"type": "string"}},
                }
            }
        },
    }
}


class SttBroker(msgspec.Struct, frozen=True):
    transcriber: Transcriber
    decoding: DecodingRoom
    desk: Desk
    timeout_s: float
    figures: Figures


def build_stt_broker(broker: SttBroker, most_bytes: int, body_seconds: float) -> FastAPI:
    app = FastAPI(title="Repartee STT broker", version=__version__, docs_url=None, redoc_url=None)
    app.state.broker = broker
    app.add_middleware(
        BodyLimit, usual_bytes=most_bytes, upload_bytes=most_bytes, seconds=body_seconds
    )
    problems.install(app)
    app.include_router(router)
    docs.install(app, [router])
    return app


def _broker(request: Request) -> SttBroker:
    broker: SttBroker = request.app.state.broker
    return broker


@router.post("/inference", openapi_extra=_FORM)
async def inference(request: Request) -> Response:
    """What is said in a recording, in whatever container it comes."""
    broker = _broker(request)
    with broker.figures.request():
        sent = await recorded(request, ("file", "audio"), FIELDS)
        wish = wish_in(sent.fields)
        recording = await broker.decoding.decode(sent.data, sent.declared)

        async def transcribe() -> bytes:
            async with broker.desk.job():
                return await broker.transcriber.transcribe(recording.samples, wish)

        body = await unless_left(request, transcribe())
    return Response(body, media_type=CONTENT_TYPES[wish.format])


@router.post("/load", openapi_extra=_MODEL)
async def load(request: Request) -> dict[str, str]:
    """Have the server behind take another model, named by its path over there."""
    broker = _broker(request)
    model = await _model_in(request)
    with broker.figures.request():
        async with broker.desk.job():
            return {"status": "loaded", "message": await broker.transcriber.load(model)}


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """200 if what is behind the broker works, 503 if not."""
    transcriber = _broker(request).transcriber
    return await health(transcriber.name, transcriber.check)


@router.get("/info")
async def info(request: Request) -> dict[str, Any]:
    broker = _broker(request)
    return {
        "service": "Repartee STT broker",
        "version": __version__,
        **broker.transcriber.about(),
        "response_formats": list(get_args(Format)),
        "request_timeout": broker.timeout_s,
        "endpoints": ["/inference", "/load", "/healthz", "/info", "/broker-status"],
    }


@router.get("/broker-status")
async def broker_status(request: Request) -> dict[str, Any]:
    broker = _broker(request)
    transcriber = broker.transcriber
    return await status(transcriber.name, transcriber.check, broker.figures)


async def _model_in(request: Request) -> str:
    try:
        async with request.form(max_files=0, max_fields=5) as form:
            model = form.get("model")
    except HTTPException as wrong:
        raise BadInput(f"The form can't be read: {str(wrong.detail).rstrip('.')}.") from None
    if not isinstance(model, str) or not model.strip():
        raise BadInput("The form names no model.", hint="Send its path in the field 'model'.")
    return model.strip()
