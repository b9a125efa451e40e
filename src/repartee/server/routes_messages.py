"""`/api/messages`: what was said in a conversation that its clients name, with the answers.

Sound is answered, and never kept.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Literal, Self

import msgspec
from anyio.lowlevel import checkpoint
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from repartee.calls.clock import wall_time
from repartee.calls.single import model_of
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.server.configuring import check, wish_in
from repartee.server.conversation_names import named
from repartee.server.house import House
from repartee.server.leaving import unless_left
from repartee.server.problems import Problem
from repartee.server.recordings import recorded
from repartee.server.security.callers import caller_of
from repartee.server.voice_answers import wav_base64
from repartee.server.voice_intake import language_named, samples_of
from repartee.server.voice_message import Answer, Heard, answered_samples
from repartee.store.protocol import StoredMessage, StoreUnavailable

_PATIENCE_SECONDS = 0.25
_MESSAGES_AT_ONCE = 100

router = APIRouter(
    prefix="/api/messages",
    tags=["Messages"],
    responses={
        422: {"model": Problem, "description": "Something in the request is wrong."},
        503: {"model": Problem, "description": "An engine or the database can't be used."},
    },
)

ConversationId = Annotated[
    str, Query(min_length=1, max_length=200, description="Any name; who knows it takes part.")
]
UserId = Annotated[str, Query(min_length=1, max_length=200, description="Who speaks.")]
Language = Annotated[
    str,
    Query(
        max_length=40,
        description="The language that is spoken; left out, the persona's, or the server's own. "
        "`auto`: whichever is heard, where the recogniser can tell.",
    ),
]


# ---------------------------------------------------------------- what is answered


class Transcription(BaseModel):
    text: str = Field(examples=["What time is it?"])
    language: str = Field(examples=["en"])
    confidence: float = Field(examples=[0.93])
    duration_seconds: float = Field(examples=[1.5])
    model: str = Field(description="What wrote it down.", examples=["pocketsphinx"])


class Metadata(BaseModel):
    transcription: Transcription


class Response(BaseModel):
    text: str = Field(examples=["It is five o'clock."])


class Message(BaseModel):
    model_config = ConfigDict(val_temporal_unit="seconds")

    id: str = Field(examples=["b1a7f0de-98c4-4d0f-8f0e-6f0f3f6f2f11"])
    conversation_id: str = Field(examples=["kitchen"])
    user_id: str = Field(examples=["ada"])
    text: str = Field(examples=["What time is it?"])
    message_type: Literal["voice"] = "voice"
    metadata: Metadata
    assistant_response: Response
    assistant_audio: str | None = Field(
        default=None, description="A WAV file as base64; only with the answer itself, not later."
    )
    created_at: datetime

    @classmethod
    def of(cls, kept: StoredMessage, audio: str | None = None) -> Self:
        heard = Transcription(
            text=kept.text,
            language=kept.language,
            confidence=round(kept.confidence, 3),
            duration_seconds=round(kept.duration_seconds, 3),
            model=kept.model,
        )
        return cls.model_validate(
            {
                "id": kept.id,
                "conversation_id": kept.conversation_id,
                "user_id": kept.user_id,
                "text": kept.text,
                "metadata": Metadata(transcription=heard),
                "assistant_response": Response(text=kept.assistant_text),
                "assistant_audio": audio,
                "created_at": kept.created_at,
            }
        )


_MESSAGES = TypeAdapter(list[Message])
_WISHES = ("persona", "voice", "speed")
_A_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in _WISHES},
                    },
                }
            }
        },
    }
}

# ---------------------------------------------------------------- the routes


@router.post("/voice", openapi_extra=_A_FILE, responses={400: {"model": Problem}})
async def send(
    request: Request, conversation_id: ConversationId, user_id: UserId, language: Language = ""
) -> Message:
    """Say something in a conversation: it is written down, answered aloud, and kept.

    Messages of one conversation are answered one after the other, and so many may wait for that.
    One whose client leaves before its answer is there is not kept, and may be sent again.
    `persona`, `voice` and `speed` may stand in the form or in the query.
    """
    house: House = request.app.state.house
    house.roster.check_room()
    sent = await recorded(request, ("file", "audio"), _WISHES)
    wish = msgspec.structs.replace(wish_in(sent.fields), language=language_named(language))
    check(house, wish)
    most_seconds = house.settings.max_turn_seconds
    samples = await samples_of(house, sent.data, sent.declared, most_seconds)
    owner = caller_of(request).owner
    name = named("messages", conversation_id, owner)
    visitor = await house.visitors.enter(name, "messages", owner)
    working = _answer(answered_samples(house, visitor, samples, wish, patiently=True))
    heard, answer = await unless_left(request, working)
    message = StoredMessage(
        id=str(uuid.uuid4()),
        session_id=visitor.id,
        conversation_id=conversation_id,
        user_id=user_id,
        text=heard.text,
        language=heard.language,
        confidence=heard.confidence,
        duration_seconds=len(samples) / LISTENING_RATE_HZ,
        model=model_of(house.engines.stt),
        assistant_text=answer.text,
        created_at=wall_time(),
    )
    await _keep(house, message)
    return Message.of(message, await asyncio.to_thread(wav_base64, answer.samples))


async def _answer(parts: AsyncGenerator[Heard | Answer]) -> tuple[Heard, Answer]:
    async with aclosing(parts):
        async for part in parts:
            if isinstance(part, Heard):
                heard = part
            else:
                answer = part
    return heard, answer


async def _keep(house: House, message: StoredMessage) -> None:
    if not await house.keeper.keep(message):
        raise StoreUnavailable(
            "This message could not be saved.", hint="Send it again in a moment."
        )


@router.get("", response_model=list[Message])
async def list_messages(request: Request, conversation_id: ConversationId) -> StreamingResponse:
    """The messages of a conversation, oldest first."""
    house: House = request.app.state.house
    await house.keeper.flush(_PATIENCE_SECONDS)
    kept = await house.store.messages(conversation_id, caller_of(request).sees)
    return StreamingResponse(_json_of(kept), media_type="application/json")


async def _json_of(kept: list[StoredMessage]) -> AsyncIterator[bytes]:
    """Some at a time, so that nobody's call waits while a very long list is written down."""
    yield b"["
    for at in range(0, len(kept), _MESSAGES_AT_ONCE):
        some = [Message.of(one) for one in kept[at : at + _MESSAGES_AT_ONCE]]
        yield (b"," if at else b"") + _MESSAGES.dump_json(some)[1:-1]
        await checkpoint()
    yield b"]"
