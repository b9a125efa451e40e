"""Chat completions, streamed: the wire that most servers of language models speak.

Their dialects differ in small things. Taken as they are: events without choices, without text or
with more in them than anybody asked for, thoughts among the words, an error in mid-stream, an end
without `[DONE]`. A parameter that a server rejects is left out from then on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from repartee.engines.llm.thoughts import ThoughtFilter
from repartee.engines.llm.turns import alternating, system_text
from repartee.engines.protocols import Message, Sampling
from repartee.engines.remote.address import Address
from repartee.engines.remote.events import events
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Answer, Service
from repartee.engines.remote.trouble import (
    UNREADABLE,
    Unsupported,
    broken_off,
    complaint_in,
    nonsense,
    trouble,
)
from repartee.errors import EngineFailed, EngineNonsense, RequestDeclined

_DONE = b"[DONE]"
_NEWER_NAMES = {"max_tokens": "max_completion_tokens"}
"""What the newest models call it; older servers know the older name only."""


class Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    delta: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct, frozen=True):
    choices: tuple[Choice, ...] | None = None
    error: Any = None


_CHUNKS = msgspec.json.Decoder(Chunk)


class Chat:
    """One model at one service. `options` go into every request as they are."""

    def __init__(self, service: Service, model: str, options: Mapping[str, Any]) -> None:
        self._service = service
        self._model = model
        self._options = options
        self._rejected: set[str] = set()

    async def reply(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[str]:
        while True:
            wishes = self._wishes(sampling)
            request = self._request(messages, wishes)
            try:
                async with aclosing(self._service.ask(request, words)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except Unsupported as refusal:
                if refusal.parameter not in wishes:
                    raise
                self._rejected.add(refusal.parameter)

    def _request(self, messages: Sequence[Message], wishes: Mapping[str, Any]) -> Request:
        system = system_text(messages)
        said = [Message("system", system)] if system else []
        body = {
            "model": self._model,
            "messages": said + alternating(messages),
            "stream": True,
            **wishes,
        }
        return json_request("/chat/completions", body, accept="text/event-stream")

    def _wishes(self, sampling: Sampling) -> dict[str, Any]:
        """What may be asked of the model, by the names that this service accepts."""
        wishes: dict[str, Any] = {
            "max_tokens": max(sampling.max_tokens, 1),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            **self._options,
        }
        named = {
            _NEWER_NAMES.get(name, name) if name in self._rejected else name: wish
            for name, wish in wishes.items()
            if wish is not None
        }
        return {name: wish for name, wish in named.items() if name not in self._rejected}


async def words(answer: Answer) -> AsyncGenerator[str]:
    """The words of one answer; an answer without any is an error, as is one that breaks off."""
    thoughts = ThoughtFilter()
    finish, spoken = "", False
    async with aclosing(events(answer)) as stream:
        async for data in stream:
            if data.strip() == _DONE:
                finish = finish or "stop"
                await answer.end()
                break
            choice = _choice(data, answer.address)
            if choice is None:
                continue
            finish = choice.finish_reason or finish
            if text := thoughts.take((choice.delta and choice.delta.content) or ""):
                spoken = True
                yield text
    if not finish:
        raise broken_off(answer.address.name)
    if rest := thoughts.rest():
        spoken = True
        yield rest
    if finish == "content_filter":
        raise RequestDeclined(f"{answer.address.name} declined to answer this.")
    if not spoken:
        raise _empty(finish, answer.address)


def _choice(data: bytes, address: Address) -> Choice | None:
    """What this event adds to the answer, if anything."""
    try:
        chunk = _CHUNKS.decode(data)
    except UNREADABLE:
        raise nonsense(address) from None
    if chunk.error is not None:
        raise trouble(complaint_in({"error": chunk.error}), address)
    return chunk.choices[0] if chunk.choices else None


def _empty(finish: str, address: Address) -> EngineFailed:
    if finish == "length":
        return EngineNonsense(
            f"The model at {address.name} thought for so long that no words were left.",
            hint="Raise MAX_NEW_TOKENS, or choose a model that thinks less.",
        )
    return EngineNonsense(f"{address.name} gave an empty answer.")
