"""Conversations without a line: who answers is chosen, what was said is forgotten on request."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from repartee.dialects.protocol import Configured
from repartee.server.browsers import browser_or_named, conversation_of
from repartee.server.configuring import check, prepare
from repartee.server.conversation_names import everywhere
from repartee.server.house import House
from repartee.server.problems import Problem
from repartee.server.security.callers import caller_of
from repartee.server.voice_intake import validated

router = APIRouter(tags=["Conversations"])


class Cleared(BaseModel):
    status: str = "cleared"
    forgotten: bool = Field(description="Whether there was such a conversation.")


class Choice(BaseModel):
    persona: str = Field(max_length=100, examples=["astronaut"])


class Chosen(BaseModel):
    persona: str = Field(examples=["astronaut"])
    name: str = Field(examples=["Captain Alex"])
    voice: str = Field(examples=["am_adam"])


_A_CHOICE = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Choice.model_json_schema()}},
    }
}


@router.post("/clear")
@router.post("/clear_history")
async def clear(request: Request) -> Cleared:
    """Forget what was said in this browser's conversation. Who answers stays."""
    house: House = request.app.state.house
    return Cleared(forgotten=house.visitors.clear(conversation_of(request)))


@router.delete("/conversations/{conversation_id}")
async def forget(request: Request, conversation_id: str) -> Cleared:
    """Forget what was said in this conversation, so that its next answer knows nothing of it.

    Conversations of one name that were had on different interfaces are all forgotten.
    """
    house: House = request.app.state.house
    names = everywhere(conversation_id, caller_of(request).owner)
    forgotten = [house.visitors.clear(name) for name in names]
    return Cleared(forgotten=any(forgotten))


@router.post("/set_persona", openapi_extra=_A_CHOICE, responses={422: {"model": Problem}})
async def set_persona(request: Request, response: Response) -> Chosen:
    """Who answers this browser's uploads from now on; somebody else knows nothing of before.

    An empty `persona` is nobody in particular, as before any was chosen.
    """
    house: House = request.app.state.house
    choice = validated(Choice, await request.body())
    wish = Configured(persona=choice.persona)
    check(house, wish)
    visitor = await browser_or_named(request, response, None)
    chosen = prepare(house, visitor, wish, visitor.call)
    name = chosen.name if chosen is not None else ""
    return Chosen(persona=choice.persona, name=name, voice=visitor.call.speech.voice)
