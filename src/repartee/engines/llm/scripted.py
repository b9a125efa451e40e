"""A model that answers what the script says.

Each turn of a caller is answered with the next reply, from the first again after the last. In a
reply, `{last_user}` stands for what the user just said and `{history}` for the whole exchange.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import msgspec

from repartee.engines.protocols import Caller, Message, Sampling
from repartee.engines.script import Sleep, read_script
from repartee.errors import EngineFailed

NOTE = "scripted llm"
"""Under this name a caller's notes hold which reply is due."""
REPLIES = ("You said: {last_user}",)
_TOKEN = re.compile(r"\s*\S+")
_BLANK = re.compile(r"\{(last_user|history)\}")


class ReplyScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    replies: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = REPLIES
    first_token_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    token_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How long every further token takes; a word is one token."""
    fail_after_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None


class _Due(msgspec.Struct, frozen=True):
    """Which reply is due to a turn; the exchange before its question tells turns apart."""

    before: tuple[Message, ...]
    number: int


class ScriptedResponder:
    """`outcomes` counts its replies that were finished, aborted or failed."""

    name = "scripted"

    def __init__(
        self,
        *,
        replies: Sequence[str] = REPLIES,
        first_token_ms: float = 0.0,
        token_ms: float = 0.0,
        fail_after_tokens: int | None = None,
        script: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self.primed = 0
        self._path = script
        self._script = ReplyScript(tuple(replies), first_token_ms, token_ms, fail_after_tokens)
        self._sleep = sleep

    async def open(self) -> None:
        self._script = await read_script(self._path, "llm", self._script)

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        self.primed += 1

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        tokens = _TOKEN.findall(self._reply(caller, messages))[: sampling.max_tokens]
        delay_ms = self._script.first_token_ms
        outcome = "aborted"
        try:
            for number, token in enumerate(tokens):
                await self._sleep(delay_ms / 1000)
                self._fail_at(number)
                yield token
                delay_ms = self._script.token_ms
            self._fail_at(len(tokens))
            outcome = "finished"
        except EngineFailed:
            outcome = "failed"
            raise
        finally:
            self.outcomes[outcome] += 1

    def release(self, caller: Caller) -> None:
        caller.notes.pop(NOTE, None)

    async def close(self) -> None:
        """There is nothing to give back."""

    def _fail_at(self, tokens: int) -> None:
        if tokens == self._script.fail_after_tokens:
            raise EngineFailed("The scripted model failed, as its script says.")

    def _reply(self, caller: Caller, messages: Sequence[Message]) -> str:
        replies = self._script.replies
        reply = replies[self._due(caller, messages) % len(replies)]
        blanks = {
            "last_user": next((m.content for m in reversed(messages) if m.role == "user"), ""),
            "history": "\n".join(f"{m.role}: {m.content}" for m in messages if m.role != "system"),
        }
        # In one pass: what a user said is never taken for a blank to be filled in.
        return _BLANK.sub(lambda blank: blanks[blank[1]], reply)

    def _due(self, caller: Caller, messages: Sequence[Message]) -> int:
        """The number of the reply; asked again about the same turn, it is the same one."""
        before = tuple(messages[:-1])
        due: _Due | None = caller.notes.get(NOTE)
        if due is None:
            due = _Due(before, 0)
        elif due.before != before:
            due = _Due(before, due.number + 1)
        caller.notes[NOTE] = due
        return due.number
