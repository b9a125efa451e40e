"""Recognisers that stand in for one another, turn by turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType

from repartee.engines.chain.callers import own_caller
from repartee.engines.chain.hearing import ChainHearing
from repartee.engines.chain.members import ChainFigures, ChainReport, ChainRules, Members
from repartee.engines.languages import detects, is_auto, knows, to_listen_for
from repartee.engines.protocols import Caller, Hearing, Recognizer
from repartee.errors import EngineMissing

_NOTE = "chain of recognisers"


class RecognizerChain:
    def __init__(
        self,
        engines: Sequence[Recognizer],
        rules: ChainRules,
        missing: Mapping[str, EngineMissing] = MappingProxyType({}),
    ) -> None:
        self._members = Members("stt", engines, rules, missing)
        self.name = self._members.name
        self.languages: Sequence[str] = _all_languages(engines)

    def __repr__(self) -> str:
        return f"<RecognizerChain {self._members!r}>"

    @property
    def detects(self) -> bool:
        """Whether any of them can tell which language it hears."""
        return any(map(detects, self._members.engines))

    @property
    def ready(self) -> bool:
        return self._members.ready

    def report(self) -> ChainReport:
        return self._members.report()

    def figures(self) -> ChainFigures:
        return self._members.figures()

    async def open(self) -> None:
        await self._members.open()
        # Some know only now which languages their models understand.
        self.languages = _all_languages(self._members.engines)

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ChainHearing]:
        def listen(member: int) -> AbstractAsyncContextManager[Hearing]:
            known = own_caller(caller, _NOTE, member)
            engine = self._members.engines[member]
            return engine.listen(known, to_listen_for(engine, language))

        # A long recording, for which nobody is on the line, takes the time that it takes.
        race = self._members.race(self._who_understand(language), hurried=caller.hurried)
        hearing = ChainHearing(self._members, race, listen)
        try:
            yield hearing
        finally:
            await hearing.leave()

    async def close(self) -> None:
        await self._members.close()

    def _who_understand(self, language: str) -> list[int]:
        """What an engine hears that doesn't know the language is worse than an apology."""
        engines = self._members.engines
        everyone = list(range(len(engines)))
        if is_auto(language):
            return everyone  # one that can't find it out may well know it
        return [one for one in everyone if knows(engines[one].languages, language)] or everyone


def _all_languages(engines: Sequence[Recognizer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(language for engine in engines for language in engine.languages))
