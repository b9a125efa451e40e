"""`POST /upload`, then `GET /stream/{id}`: a recording in, its answer as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from repartee.calls.clock import now, wall_time
from repartee.calls.refusals import TryLater
from repartee.calls.uploads import Upload, Uploads, without_silence
from repartee.calls.visits import Phrase
from repartee.dialects.events import EventsDialect
from repartee.errors import NotFound, ReparteeError
from repartee.server.browsers import browser_or_named
from repartee.server.configuring import FIELDS, check, prepare, wish_in
from repartee.server.house import House
from repartee.server.problems import Problem
from repartee.server.recordings import recorded
from repartee.server.security.callers import caller_of
from repartee.server.streams import EventStream
from repartee.server.voice_intake import samples_of

router = APIRouter(tags=["Uploads"], responses={422: {"model": Problem}})

_FIELDS = (*FIELDS, "conversation_id")
_A_RECORDING = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["audio"],
                    "properties": {
                        "audio": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in _FIELDS},
                    },
                }
            },
            "audio/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class Uploaded(BaseModel):
    session_id: str = Field(description="Ask for the answer at `/stream/{session_id}`, once.")


@router.post("/upload", openapi_extra=_A_RECORDING, responses={400: {"model": Problem}})
async def upload(request: Request, response: Response) -> Uploaded:
    """Take a recording, as it is or in a form, where `persona`, `voice`, `speed`, `language` and
    `conversation_id` may stand too, as in the query."""
    house: House = request.app.state.house
    house.roster.check_room()
    house.uploads.check_room()
    sent = await recorded(request, ("audio", "file"), _FIELDS)
    wish = wish_in(sent.fields)
    check(house, wish)
    longest = house.settings.max_turn_seconds
    samples = await samples_of(house, sent.data, sent.declared, longest)
    spoken = await without_silence(house.engines.voice, samples)
    visitor = await browser_or_named(request, response, sent.fields.get("conversation_id"))
    upload = Upload(visitor, spoken, partial(prepare, house, visitor, wish))
    house.uploads.add(upload)
    upload.hear_early()
    return Uploaded(session_id=upload.id)


@router.get(
    "/stream/{session_id}",
    response_class=StreamingResponse,
    responses={404: {"model": Problem, "description": "There is none, or it was streamed."}},
)
async def stream(request: Request, session_id: str) -> EventStream:
    """The answer as server-sent events: `transcript`, a `chunk` per phrase, `done`; or `error`."""
    house: House = request.app.state.house
    upload = house.uploads.take(session_id, caller_of(request).owner)
    if upload is None:
        raise NotFound(
            "There is no such upload.", hint="Each is streamed once; upload the recording again."
        )
    return EventStream(_events(house.uploads, upload), upload.leave)


async def _events(uploads: Uploads, upload: Upload) -> AsyncGenerator[str]:
    """Leaving it stops the work: a browser that closes the stream has heard enough."""
    asked_at = wall_time()
    since_1970 = asked_at - now()
    dialect = EventsDialect(upload.id, asked_at, lambda: upload.heard_from + since_1970)
    try:
        answer = upload.visitor.ask(upload.answer, place=upload.kept_place())
        async with aclosing(answer) as parts:
            async for part in parts:
                if isinstance(part, Phrase):
                    yield dialect.render_unit(part.text, part.samples)
                else:
                    for event in dialect.render(part):
                        yield event
    except ReparteeError as failure:
        if isinstance(failure, TryLater):  # others were there first
            with suppress(TryLater):
                uploads.add(upload)
        yield dialect.problem(str(failure))
