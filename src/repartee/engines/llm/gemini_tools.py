"""How Gemini uses tools: it calls functions in place of words, and goes on when it has been told.

A model that thinks signs its calls, and wants the signature back with the result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from repartee.engines.tools import Tools

MOST_ROUNDS = 4
"""So often a reply may stop to use tools; after that it has to be words."""
MOST_CALLS = 8
"""In one round."""


class FunctionCall(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    args: dict[str, Any] = {}
    id: str = ""


class Call(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A call as it came, to be sent back as it is."""

    function_call: FunctionCall
    thought_signature: str = ""


def offer(tools: Tools, *, may_call: bool) -> dict[str, Any]:
    """What a request says about tools; nothing if there are none."""
    declared = [
        {"name": one.name, "description": one.description, "parametersJsonSchema": one.parameters}
        for one in tools.offered
    ]
    if not declared:
        return {}
    told: dict[str, Any] = {"tools": [{"functionDeclarations": declared}]}
    if not may_call:
        told["toolConfig"] = {"functionCallingConfig": {"mode": "NONE"}}
    return told


async def used(tools: Tools, said: str, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The turns that this round adds to the conversation: its calls, and their results."""
    calls = calls[:MOST_CALLS]
    results = await asyncio.gather(
        *(tools.use(call.function_call.name, call.function_call.args) for call in calls)
    )
    spoken = [{"text": said}] if said else []
    told = [
        {"functionResponse": {**_whose(call.function_call), "response": result}}
        for call, result in zip(calls, results, strict=True)
    ]
    return [
        {"role": "model", "parts": [*spoken, *map(msgspec.to_builtins, calls)]},
        {"role": "user", "parts": told},
    ]


def _whose(call: FunctionCall) -> dict[str, str]:
    return {"name": call.name, "id": call.id} if call.id else {"name": call.name}
