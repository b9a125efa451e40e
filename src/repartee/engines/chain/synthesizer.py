"""Voices that stand in for one another, phrase by phrase.

A phrase whose voice breaks off is not begun again: the next engine says the rest of it, with the
voice of its own that is nearest. So it is when a voice falls silent, before anybody can hear it.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType

import msgspec

from repartee.engines.chain.lead import Lead
from repartee.engines.chain.members import ChainFigures, ChainReport, ChainRules, Members
from repartee.engines.chain.relay import Relay
from repartee.engines.chain.spoken_so_far import SpokenSoFar
from repartee.engines.languages import AUTO
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.engines.tts.voices import LIKE, is_of, speaks
from repartee.errors import BadInput, EngineMissing, UnknownVoice


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

    def figures(self) -> ChainFigures:
        return self._members.figures()

    async def open(self) -> None:
        await self._members.open()

    def voices(self) -> Sequence[Voice]:
        """Those of the best engine that is there: its names find a voice with the others too."""
        return self._there()[0].voices()

    def resolve(self, voice: str, language: str) -> Voice:
        """The speaker that the best engine has for this name, or else another one; one who knows
        the language, if there is one."""
        refusal: BadInput | None = None
        found: Voice | None = None
        for engine in self._there():
            try:
                speaker = engine.resolve(voice, language)
            except BadInput as failure:
                refusal = refusal or failure
            else:
                if is_of(speaker, language):
                    return speaker
                found = found or speaker
        if found is None:
            assert refusal is not None, "a chain has an engine"
            raise refusal
        return found

    def is_kept(self, text: str, speech: Speech) -> bool:
        """Whether whoever would speak this has it here already."""
        now = asyncio.get_running_loop().time()
        member = self._members.standing.next(self._who_speak(speech), (), now)
        if member is None:
            return False
        engine = self._members.engines[member]
        is_kept: Callable[[str, Speech], bool] = getattr(engine, "is_kept", lambda *_: False)
        return is_kept(self._words_for(engine, text), self._speech_for(engine, speech))

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        spoken, lead = SpokenSoFar(text, speech.speed), Lead()
        loop = asyncio.get_running_loop()

        def ask(member: int) -> AsyncGenerator[Sound]:
            engine = self._members.engines[member]
            words = self._words_for(engine, spoken.rest())
            return _said(engine, words, self._speech_for(engine, speech))

        order = self._who_speak(speech)
        relay = Relay(self._members, ask, patience=lead.patience, resumes=True, order=order)
        try:
            while (sound := await relay.next()) is not None:
                lead.give(len(sound.samples) / sound.rate_hz, loop.time())
                yield spoken.take(sound)
        finally:
            await relay.leave()

    async def close(self) -> None:
        await self._members.close()

    def _there(self) -> list[Synthesizer]:
        there = sorted(self._members.standing.there)
        return [self._members.engines[member] for member in there] or list(self._members.engines)

    def _who_speak(self, speech: Speech) -> list[int]:
        """Those first who have a voice for the language: any voice is better than none."""
        engines = self._members.engines

        def is_foreign(member: int) -> bool:
            return member in self._members.standing.there and not speaks(
                engines[member], speech.language
            )

        return sorted(range(len(engines)), key=is_foreign)

    def _words_for(self, engine: Synthesizer, text: str) -> str:
        return _plain(text) if engine.ascii_only and not self.ascii_only else text

    def _speech_for(self, engine: Synthesizer, speech: Speech) -> Speech:
        """What was asked for, with a name that this engine knows, and in its own language if it
        doesn't know the one that is meant."""
        try:
            engine.resolve(speech.voice, speech.language)
        except UnknownVoice:
            wanted = self.resolve(speech.voice, speech.language)
            return msgspec.structs.replace(speech, voice=LIKE[wanted.gender])
        except BadInput:
            return msgspec.structs.replace(speech, language=AUTO)
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
