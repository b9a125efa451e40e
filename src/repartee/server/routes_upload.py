"""`POST /upload`, then `GET /stream/{id}`: a recording in, its answer as server-sent events."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import StreamingResponse

from repartee.audio.decoding import Limits
from repartee.calls.clock import now, wall_time
from repartee.calls.uploads import Upload
from repartee.calls.visits import Phrase, Visitor
from repartee.dialects.events import EventStream
from repartee.dialects.protocol import Configured
from repartee.errors import BadInput, NotFound, ReparteeError
from repartee.server.configuring import configure
from repartee.server.house import House
from repartee.server.recordings import recorded

router = APIRouter(tags=["Uploads"])

COOKIE = "repartee_conversation"
_COOKIE_SECONDS = 7 * 86_400
_NO_BUFFERING = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@router.post("/upload")
async def upload(request: Request, response: Response) -> dict[str, str]:
    """Take a recording; its answer is asked for at `/stream/{session_id}`."""
    house: House = request.app.state.house
    house.roster.check_room()
    sent = await recorded(
        request, ("audio", "file"), ("persona", "voice", "speed", "conversation_id")
    )
    limits = Limits(house.settings.max_upload_mb << 20, house.settings.max_turn_seconds)
    recording = await house.decoding.decode(sent.data, sent.declared, limits)
    visitor = await _visitor(request, response, sent.fields.get("conversation_id"))
    configure(visitor.call, _wishes(sent.fields))
    upload = Upload(visitor, recording.samples)
    house.uploads.add(upload)
    upload.hear_early()
    return {"session_id": upload.id}


@router.get("/stream/{session_id}", response_class=StreamingResponse)
async def stream(request: Request, session_id: str) -> StreamingResponse:
    """The answer: `transcript`, `chunk`s of complete WAV files, and `done`."""
    house: House = request.app.state.house
    upload = house.uploads.take(session_id)
    if upload is None:
        raise NotFound(
            "There is no such upload.", hint="Each is streamed once; upload the recording again."
        )
    return StreamingResponse(_events(upload), media_type="text/event-stream", headers=_NO_BUFFERING)


async def _events(upload: Upload) -> AsyncGenerator[str]:
    """Leaving it stops the work: a browser that closes the stream has heard enough."""
    asked_at = wall_time()
    heard_from = asked_at - (now() - upload.begun_at)
    dialect = EventStream(upload.id, asked_at, heard_from)
    try:
        async with aclosing(upload.visitor.ask(upload.answer)) as parts:
            async for part in parts:
                if isinstance(part, Phrase):
                    yield dialect.render_unit(part.text, part.samples)
                else:
                    for event in dialect.render(part):
                        yield event
    except ReparteeError as failure:
        yield dialect.problem(str(failure))
    except TimeoutError:
        yield dialect.problem("The answer took too long. Please try again.")


@router.post("/clear")
@router.post("/clear_history")
async def clear(request: Request) -> dict[str, Any]:
    """Forget this browser's conversation."""
    house: House = request.app.state.house
    name = request.cookies.get(COOKIE, "")
    return {"status": "cleared", "forgotten": await house.visitors.forget(_from_cookie(name))}


@router.delete("/conversations/{conversation_id}")
async def forget(request: Request, conversation_id: str) -> dict[str, Any]:
    house: House = request.app.state.house
    return {"status": "cleared", "forgotten": await house.visitors.forget(conversation_id)}


@router.post("/set_persona")
async def set_persona(
    request: Request, response: Response, persona: Annotated[str, Body(embed=True, max_length=100)]
) -> dict[str, str]:
    """Who answers this browser's uploads from now on; what was said before is forgotten."""
    visitor = await _visitor(request, response, None)
    chosen = configure(visitor.call, Configured(persona=persona))
    assert chosen is not None
    return {"persona": chosen.key, "name": chosen.name, "voice": chosen.voice}


async def _visitor(request: Request, response: Response, name: str | None) -> Visitor:
    house: House = request.app.state.house
    if name:
        return await house.visitors.enter(name, "upload")
    cookie = request.cookies.get(COOKIE) or str(uuid.uuid4())
    response.set_cookie(COOKIE, cookie, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
    return await house.visitors.enter(_from_cookie(cookie), "upload")


def _from_cookie(cookie: str) -> str:
    """A name that nobody can give as a `conversation_id` by accident."""
    return f"browser:{cookie[:100]}"


def _wishes(fields: dict[str, str]) -> Configured:
    speed = fields.get("speed")
    return Configured(
        persona=fields.get("persona") or None,
        voice=fields.get("voice") or None,
        speed=None if not speed else _speed(speed),
    )


def _speed(given: str) -> float:
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 2:
        raise BadInput(f"The speed is {given[:20]!r}.", hint="It must lie above 0, up to 2.")
    return speed
