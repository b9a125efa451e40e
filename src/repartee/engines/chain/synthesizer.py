"""Voices that stand in for one another, phrase by phrase.

A phrase whose voice breaks off is not begun again: the next engine says the rest of it, with the
voice of its own that is nearest.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType

import msgspec

from repartee.engines.chain.members import ChainReport, ChainRules, Members
from repartee.engines.chain.relay import Relay
from repartee.engines.chain.spoken_so_far import SpokenSoFar
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.errors import EngineMissing, UnknownVoice

_LIKE = {"female": "af_heart", "male": "am_michael", "neutral": "af_heart"}
"""Names that every engine finds a voice for."""


class SynthesizerChain:
    def __init__(
        self,
        engines: Sequence[Synthesizer],
        rules: ChainRules,
        missing: Mapping[str, EngineMissing] = MappingProxyType({}),
    ) -> None:
        self._members = Members("tts", engines, rules, missing)
        self.name = self._members.name
        self.ascii_only = all(engine.ascii_only for engine in engines)

    def __repr__(self) -> str:
        return f"<SynthesizerChain {self._members!r}>"

    @property
    def engines(self) -> Sequence[Synthesizer]:
        return self._members.engines

    @property
    def ready(self) -> bool:
        return self._members.ready

    def report(self) -> ChainReport:
        return self._members.report()

    async def open(self) -> None:
        await self._members.open()

    def voices(self) -> Sequence[Voice]:
        """Those of the best engine that is there: its names find a voice with the others too."""
        return self._there()[0].voices()

    def resolve(self, voice: str, language: str) -> Voice:
        """The speaker that the best engine has for this name, or else another one."""
        unknown: UnknownVoice | None = None
        for engine in self._there():
            try:
                return engine.resolve(voice, language)
            except UnknownVoice as failure:
                unknown = unknown or failure
        assert unknown is not None, "a chain has an engine"
        raise unknown

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        spoken = SpokenSoFar(text, speech.speed)

        def ask(member: int) -> AsyncGenerator[Sound]:
            engine = self._members.engines[member]
            rest = spoken.rest()
            words = _plain(rest) if engine.ascii_only and not self.ascii_only else rest
            return _said(engine, words, self._speech_for(engine, speech))

        relay = Relay(self._members, ask, resumes=True)
        try:
            while (sound := await relay.next()) is not None:
                yield spoken.take(sound)
        finally:
            await relay.leave()

    async def close(self) -> None:
        await self._members.close()

    def _there(self) -> list[Synthesizer]:
        there = sorted(self._members.standing.there)
        return [self._members.engines[member] for member in there] or list(self._members.engines)

    def _speech_for(self, engine: Synthesizer, speech: Speech) -> Speech:
        """What was asked for, with a name that this engine knows."""
        try:
            engine.resolve(speech.voice, speech.language)
        except UnknownVoice:
            wanted = self.resolve(speech.voice, speech.language)
            return msgspec.structs.replace(speech, voice=_LIKE[wanted.gender])
        return speech


async def _said(engine: Synthesizer, text: str, speech: Speech) -> AsyncGenerator[Sound]:
    """The sound of this text, if there is anything left to be said."""
    if text.strip():
        async with aclosing(engine.synthesize(text, speech)) as sounds:
            async for sound in sounds:
                if len(sound.samples) or sound.words:
                    yield sound


def _plain(text: str) -> str:
    """The text in ASCII, every character in its place; what has no likeness there is left out."""
    likeness = (unicodedata.normalize("NFKD", letter)[0] for letter in text)
    return "".join(letter if letter.isascii() else " " for letter in likeness)
