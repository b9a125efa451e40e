"""The sessions that are kept, and their turns: to be listed, read and deleted.

What the keeper was handed before a request came is waited for, so whoever was told of a session
or a turn finds it here; but not for long, for a database that fails holds nobody up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from anyio import CancelScope, sleep
from anyio.lowlevel import checkpoint
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from repartee.calls.erasing import RecordingsLeft, erase_recordings_of
from repartee.conversation.commands import Mode, Status
from repartee.errors import BadInput
from repartee.server.house import House
from repartee.server.problems import Problem
from repartee.server.security.callers import caller_of
from repartee.store.protocol import Session as StoredSession
from repartee.store.protocol import SessionStatus, Store, StoredTurn, UnknownSession

_PAGE, _LONGEST_PAGE = 50, 200
_PATIENCE_SECONDS = 0.25
_TURNS_AT_ONCE = 100
_ROWS_AT_ONCE = 200
_BREATH_SECONDS = 0.02
"""Between two portions of what is deleted: turns that are waiting to be kept go first."""

router = APIRouter(
    prefix="/sessions",
    tags=["Sessions"],
    responses={
        422: {"model": Problem, "description": "Something in the request is wrong."},
        503: {"model": Problem, "description": "The database can't be used."},
    },
)
_NOT_THERE: dict[int | str, Any] = {
    404: {"model": Problem, "description": "There is no such session."},
}
_NOT_ALL: dict[int | str, Any] = {
    500: {"model": Problem, "description": "Files of a recording could not be deleted."},
}

# ---------------------------------------------------------------- what is answered

SessionId = Annotated[str, Field(examples=["6f2c1d8e-3b0a-4e55-9c1f-2a7d90b4e613"])]
Moment = Annotated[datetime, Field(examples=["2026-01-02T03:04:05.250000Z"])]
Seconds = Annotated[float, AfterValidator(lambda seconds: round(seconds, 4))]
SecondsOfSpeech = Annotated[
    Seconds | None, Field(description="In seconds since the turn began, or null.", examples=[0.42])
]
SecondsOfWaiting = Annotated[
    Seconds | None,
    Field(description="In seconds since the user finished, or null.", examples=[0.31]),
]


class _Kept(BaseModel):
    """The store counts moments in seconds since 1970; here they become dates in UTC."""

    model_config = ConfigDict(from_attributes=True, val_temporal_unit="seconds")


class Session(_Kept):
    """One client's stay, on whatever interface."""

    id: SessionId
    interface: str = Field(examples=["ws"])
    persona: str = Field(description="Empty unless the client chose one.", examples=["astronaut"])
    client: str = Field(description="What the client says it is.", examples=["Mozilla/5.0"])
    status: SessionStatus = Field(
        description="`abandoned`: the server went away before it could end the session."
    )
    created_at: Moment
    ended_at: Moment | None
    turns: int = Field(examples=[3])


class Turn(_Kept):
    """What was said, what was heard of the answer, and how soon."""

    id: str = Field(examples=["b1a7f0de-98c4-4d0f-8f0e-6f0f3f6f2f11"])
    session_id: SessionId
    mode: Mode = Field(description="How it came: spoken or typed.")
    user_text: str = Field(examples=["What time is it?"])
    assistant_text: str = Field(examples=["It is five o'clock."])
    heard_text: str = Field(
        description="As much of the answer as was heard.", examples=["It is five o'clock."]
    )
    confidence: float = Field(description="Of the transcript, 0 to 1.", examples=[0.93])
    started_at: Moment
    ended_at: Moment
    status: Status
    time_to_first_partial: SecondsOfSpeech
    time_to_final_transcript: SecondsOfWaiting
    time_to_first_token: SecondsOfWaiting
    time_to_first_audio: SecondsOfWaiting


_TURNS = TypeAdapter(list[Turn])

# ---------------------------------------------------------------- the routes


async def _store(request: Request) -> Store:
    """The store, with all in it that was handed in so far."""
    house: House = request.app.state.house
    await house.keeper.flush(_PATIENCE_SECONDS)
    return house.store


UpToDate = Annotated[Store, Depends(_store)]
Id = Annotated[str, Path(description="The id of the session.")]


async def _session(request: Request, store: UpToDate, session_id: Id) -> StoredSession:
    """One that the caller may see: what belongs to others is as unknown as what never was."""
    session = await store.session(session_id)
    if caller_of(request).sees not in (None, session.owner):
        raise UnknownSession
    return session


Visible = Annotated[StoredSession, Depends(_session)]


@router.get("", response_model=list[Session])
async def list_sessions(
    request: Request,
    store: UpToDate,
    limit: Annotated[int, Query(ge=1, le=_LONGEST_PAGE)] = _PAGE,
    before: Annotated[
        str | None, Query(description="The id of the last session of the page above.")
    ] = None,
) -> Any:
    """All sessions, newest first, page by page. Where keys are asked for, those that came with the
    same key; an admin's key shows all."""
    try:
        return await store.sessions(limit, before, caller_of(request).sees)
    except UnknownSession:
        raise BadInput(
            "The field 'before' names no session.",
            hint="Give the id of the last one on your page, or none to begin with the newest.",
        ) from None


@router.get("/{session_id}", response_model=Session, responses=_NOT_THERE)
async def read_session(session: Visible) -> Any:
    """One session."""
    return session


@router.get("/{session_id}/turns", response_model=list[Turn], responses=_NOT_THERE)
async def read_turns(store: UpToDate, session: Visible) -> StreamingResponse:
    """The turns of a session, oldest first."""
    kept = await store.turns(session.id)
    return StreamingResponse(_json_of(kept), media_type="application/json")


async def _json_of(turns: list[StoredTurn]) -> AsyncIterator[bytes]:
    """Some at a time, so that nobody's call waits while a very long session is written down."""
    yield b"["
    for at in range(0, len(turns), _TURNS_AT_ONCE):
        some = _TURNS.validate_python(turns[at : at + _TURNS_AT_ONCE], from_attributes=True)
        yield (b"," if at else b"") + _TURNS.dump_json(some)[1:-1]
        await checkpoint()
    yield b"]"


@router.delete("/{session_id}", status_code=204, responses=_NOT_THERE | _NOT_ALL)
async def delete_session(request: Request, store: UpToDate, session: Visible) -> None:
    """Forget a session, its turns and its recording.

    A call that is still live goes on, and what is said from then on is kept under the same id, but
    not recorded.
    """
    with CancelScope(shield=True):
        left = await erase_recordings_of(_recordings(request), [session.id])
        await store.delete(session.id)
    if left:
        raise RecordingsLeft(left)


@router.delete("", status_code=204, responses=_NOT_ALL)
async def delete_sessions(request: Request, store: UpToDate) -> None:
    """Forget all sessions that came with this key, their turns and their recordings. Where nobody
    is asked for a key, that is all there are.

    What others said stays, whosever key this is. Calls that are live go on.
    """
    left: list[str] = []
    rows = _ROWS_AT_ONCE
    while rows == _ROWS_AT_ONCE:
        with CancelScope(shield=True):  # nobody could tell later whose the files were
            deleted = await store.delete_of(caller_of(request).owner or None, _ROWS_AT_ONCE)
            left += await erase_recordings_of(_recordings(request), deleted.sessions)
        rows = deleted.rows
        await sleep(_BREATH_SECONDS)
    if left:
        raise RecordingsLeft(left)


def _recordings(request: Request) -> FilePath:
    house: House = request.app.state.house
    return FilePath(house.settings.record_dir)
