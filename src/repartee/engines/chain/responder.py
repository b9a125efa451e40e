"""Language models that stand in for one another.

The next one is asked as long as nothing of a reply was written. A reply that breaks off after its
first word is a failed reply, told as such: another model can't know what the first one meant to
say, and its answer begun anew would contradict what was heard. The next turn is the next model's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType

from repartee.engines.chain.callers import forgotten, own_caller
from repartee.engines.chain.members import ChainFigures, ChainReport, ChainRules, Members
from repartee.engines.chain.relay import Relay
from repartee.engines.protocols import Caller, Message, Responder, Sampling
from repartee.errors import EngineMissing, EngineNonsense

_NOTE = "chain of models"


class ResponderChain:
    def __init__(
        self,
        engines: Sequence[Responder],
        rules: ChainRules,
        missing: Mapping[str, EngineMissing] = MappingProxyType({}),
    ) -> None:
        self._members = Members("llm", engines, rules, missing)
        self.name = self._members.name

    def __repr__(self) -> str:
        return f"<ResponderChain {self._members!r}>"

    @property
    def ready(self) -> bool:
        return self._members.ready

    def report(self) -> ChainReport:
        return self._members.report()

    def figures(self) -> ChainFigures:
        return self._members.figures()

    async def open(self) -> None:
        await self._members.open()

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Only who would answer reads ahead: the others may be slow, or cost money."""
        member = self._members.leading(asyncio.get_running_loop().time())
        engine = self._members.engines[member]
        await engine.prime(own_caller(caller, _NOTE, member), messages)

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        def ask(member: int) -> AsyncGenerator[str]:
            engine = self._members.engines[member]
            known = own_caller(caller, _NOTE, member)
            return _written(engine.name, engine.respond(known, messages, sampling))

        def patience(now: float) -> float:
            return self._members.deadline_s

        relay = Relay(self._members, ask, patience=patience, resumes=False)
        try:
            while (piece := await relay.next()) is not None:
                yield piece
        finally:
            await relay.leave()

    def release(self, caller: Caller) -> None:
        for member, known in forgotten(caller, _NOTE).items():
            self._members.engines[member].release(known)

    async def close(self) -> None:
        await self._members.close()


async def _written(name: str, words: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """What is written; a model that writes nothing has failed."""
    nothing_yet = True
    async with aclosing(words):
        async for piece in words:
            if piece:
                nothing_yet = False
                yield piece
    if nothing_yet:
        raise EngineNonsense(f"The {name} engine gave an empty answer.")
