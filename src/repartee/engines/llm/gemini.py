"""Google's Gemini, over its own streaming interface.

A model that thinks before it answers is asked to do as little of that as it can: in a call, the
first word counts. A regional or a private endpoint is a matter of the base address.

It may use tools (`engines/tools.py`) in the middle of a reply, which then goes on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from repartee.engines.llm.gemini_tools import MOST_ROUNDS, Call, FunctionCall, offer, used
from repartee.engines.llm.turns import alternating, system_text
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.engines.remote.address import Address
from repartee.engines.remote.events import events
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Answer, Service
from repartee.engines.remote.trouble import (
    UNREADABLE,
    broken_off,
    complaint_in,
    nonsense,
    trouble,
)
from repartee.engines.tools import Function, Tools
from repartee.errors import EngineFailed, EngineNonsense, RequestDeclined, RequestRefused

BASE_URL = "https://generativelanguage.googleapis.com/v1beta"
MODEL = "gemini-2.5-flash"
_FINISHED = ("STOP", "MAX_TOKENS")
_AGAINST_ITS_RULES = frozenset(
    "SAFETY BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT".split()
)
_NOT_FOR_IT = ("RECITATION", "LANGUAGE")
"""What it would have answered stands somewhere word for word, or is in a language it can't use."""


class Part(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    thought: bool = False
    function_call: FunctionCall | None = None
    thought_signature: str = ""


class Content(msgspec.Struct, frozen=True):
    parts: tuple[Part, ...] = ()


class Candidate(msgspec.Struct, frozen=True, rename="camel"):
    content: Content = Content()
    finish_reason: str = ""


class Feedback(msgspec.Struct, frozen=True, rename="camel"):
    block_reason: str = ""


class Chunk(msgspec.Struct, frozen=True, rename="camel"):
    candidates: tuple[Candidate, ...] = ()
    prompt_feedback: Feedback = Feedback()
    error: Any = None


_CHUNKS = msgspec.json.Decoder(Chunk)


class Gemini:
    name = "gemini"

    def __init__(
        self,
        *,
        api_key: str = "",
        model: str = MODEL,
        base_url: str = BASE_URL,
        patience: Patience = USUAL,
        tools: Iterable[Function] | None = None,
    ) -> None:
        """`tools` are functions that it may call; None offers those of all installed packages."""
        address = Address(
            base_url,
            url_setting="GEMINI_BASE_URL",
            key=api_key,
            key_setting="GEMINI_API_KEY",
            key_header="x-goog-api-key",
            key_needed=True,
        )
        self._service = Service(address, patience)
        self._model = model.removeprefix("models/")
        self._tools = Tools(tools)

    def __repr__(self) -> str:
        return f"<Gemini {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()
        await self._tools.open()

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        await self._service.reach()

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Nothing can be read ahead over this wire, but the connection can be there."""
        await self._service.connected()

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        turns = [_content(message) for message in alternating(messages)]
        for rounds_left in reversed(range(MOST_ROUNDS + 1)):
            body = self._body(messages, turns, sampling)
            body |= offer(self._tools, may_call=rounds_left > 0)
            said, calls = "", list[Call]()
            async with aclosing(self._service.ask(self._request(body), _answered)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Call):
                        calls.append(piece)
                    else:
                        said += piece
                        yield piece
            if not calls:
                return
            turns += await used(self._tools, said, calls)
        raise EngineNonsense("Gemini uses one tool after the other and does not come to an answer.")

    def release(self, caller: Caller) -> None:
        """Nothing is kept for anybody."""

    async def close(self) -> None:
        await self._service.close()
        await self._tools.close()

    def _body(
        self, messages: Sequence[Message], turns: list[dict[str, Any]], sampling: Sampling
    ) -> dict[str, Any]:
        system = system_text(messages)
        wishes = {
            "maxOutputTokens": max(sampling.max_tokens, 1),
            "temperature": sampling.temperature,
            "topP": sampling.top_p,
            "thinkingConfig": _least_thinking(self._model),
        }
        body: dict[str, Any] = {
            "contents": turns,
            "generationConfig": {name: wish for name, wish in wishes.items() if wish is not None},
        }
        if system:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        return body

    def _request(self, body: dict[str, Any]) -> Request:
        path = f"/models/{self._model}:streamGenerateContent?alt=sse"
        return json_request(path, body, accept="text/event-stream")


def _content(message: Message) -> dict[str, Any]:
    role = "model" if message.role == "assistant" else "user"
    return {"role": role, "parts": [{"text": message.content}]}


def _least_thinking(model: str) -> dict[str, Any] | None:
    """The smallest amount of thinking that this family of models accepts."""
    if model.startswith("gemini-2.5"):
        return {"thinkingBudget": 128 if "pro" in model else 0}
    if model.startswith("gemini-3"):
        return {"thinkingLevel": "low"}
    return None


async def _answered(answer: Answer) -> AsyncGenerator[str | Call]:
    """The words of one answer, and the tools that it calls; one without any of both is an error,
    as is one that breaks off."""
    finish, spoken = "", False
    async with aclosing(events(answer)) as stream:
        async for data in stream:
            chunk = _chunk(data, answer)
            if reason := chunk.prompt_feedback.block_reason:
                raise _blocked(reason)
            for candidate in chunk.candidates[:1]:
                finish = candidate.finish_reason or finish
                text = "".join(part.text for part in candidate.content.parts if not part.thought)
                if text:
                    spoken = True
                    yield text
                for part in candidate.content.parts:
                    if part.function_call is not None:
                        spoken = True
                        yield Call(part.function_call, part.thought_signature)
    if not finish:
        raise broken_off(answer.address.name)
    if finish not in _FINISHED:
        raise _stopped(finish)
    if not spoken:
        hint = "Raise MAX_NEW_TOKENS." if finish == "MAX_TOKENS" else ""
        raise EngineNonsense(f"{answer.address.name} gave an empty answer.", hint=hint)


def _blocked(reason: str) -> RequestRefused:
    """Why it does not begin to answer."""
    if reason in _AGAINST_ITS_RULES:
        return RequestDeclined("Gemini's rules for safety keep it from answering this.")
    return RequestRefused("Gemini does not answer this.")


def _stopped(finish: str) -> EngineFailed:
    """Why it does not end its answer."""
    if finish in _AGAINST_ITS_RULES:
        return RequestDeclined("Gemini's rules for safety made it stop in its answer.")
    if finish in _NOT_FOR_IT:
        return RequestRefused("Gemini does not go on with this answer.")
    return EngineFailed("Gemini stopped in its answer and does not say why.")


def _chunk(data: bytes, answer: Answer) -> Chunk:
    try:
        chunk = _CHUNKS.decode(data)
    except UNREADABLE:
        raise nonsense(answer.address) from None
    if chunk.error is not None:
        raise trouble(complaint_in({"error": chunk.error}), answer.address)
    return chunk
