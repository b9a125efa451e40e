"""Engines that work until they are told otherwise: then a stage of theirs goes wrong, once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from enum import Enum

import anyio

from repartee.calls.clock import now
from repartee.calls.reply import phrases_of
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import FIXED_SENTENCES
from repartee.engines.build import Engines
from repartee.engines.protocols import (
    Caller,
    Hearing,
    Message,
    Samples,
    Sampling,
    Sound,
    Speech,
    Transcript,
)
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineFailed
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."
SECRET = "/secret/path"
LATE_SECONDS = 3.0


class Stage(Enum):
    EAR_OPENS = "the ear, when it opens"
    EAR_FOLLOWS = "the ear, while it listens"
    EAR_SETTLES = "the ear, when it is to say what it heard"
    MIND_BEGINS = "the model, before its first word"
    MIND_GOES_ON = "the model, in the middle"
    VOICE_BEGINS = "the voice, before its first sound"
    VOICE_GOES_ON = "the voice, in the middle"


class Fault(Enum):
    HANGS = "hangs"
    DIES = "dies"
    BREAKS = "breaks in a way that nobody foresaw"
    LATE = "answers late"
    TWICE = "answers twice"


class Fate:
    """What is to go wrong, and when it did."""

    def __init__(self) -> None:
        self.at: float | None = None
        self._due: tuple[Stage, Fault] | None = None
        self._hangs_on: set[Stage] = set()

    def awaits(self, stage: Stage, fault: Fault) -> None:
        self._due = (stage, fault)

    def mends(self) -> None:
        self._hangs_on.clear()

    async def meet(self, stage: Stage) -> bool:
        """True if this is to be answered twice. A voice that hangs does so for every phrase."""
        if stage in self._hangs_on:
            await anyio.sleep_forever()
        if self._due is None or self._due[0] is not stage:
            return False
        fault, self._due, self.at = self._due[1], None, now()
        match fault:
            case Fault.HANGS:
                if stage is Stage.VOICE_BEGINS:
                    self._hangs_on.add(stage)
                await anyio.sleep_forever()
            case Fault.DIES:
                raise EngineFailed("The engine has died.")
            case Fault.BREAKS:
                raise OSError(SECRET)
            case Fault.LATE:
                await anyio.sleep(LATE_SECONDS)
        return fault is Fault.TWICE


class FatedEar(ScriptedRecognizer):
    def __init__(self, fate: Fate) -> None:
        super().__init__(transcripts=(QUESTION,))
        self.listening = 0
        """How many hearings are open."""
        self._fate = fate

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[Hearing]:  # type: ignore[override]
        self.listening += 1
        try:
            await self._fate.meet(Stage.EAR_OPENS)
            async with super().listen(caller, language) as hearing:
                yield _FatedHearing(hearing, self._fate)
        finally:
            self.listening -= 1


class _FatedHearing:
    def __init__(self, hearing: Hearing, fate: Fate) -> None:
        self._hearing = hearing
        self._fate = fate

    def feed(self, samples: Samples) -> None:
        self._hearing.feed(samples)

    async def partials(self) -> AsyncIterator[str]:
        async for text in self._hearing.partials():
            if await self._fate.meet(Stage.EAR_FOLLOWS):
                yield text
            yield text

    async def settle(self) -> Transcript:
        if await self._fate.meet(Stage.EAR_SETTLES):
            await self._hearing.settle()
        return await self._hearing.settle()


class FatedModel(FakeModel):
    def __init__(self, fate: Fate) -> None:
        super().__init__(ANSWER)
        self._fate = fate

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        twice = await self._fate.meet(Stage.MIND_BEGINS)
        for _ in range(1 + twice):
            async with aclosing(super().respond(caller, messages, sampling)) as words:
                count = 0
                async for word in words:
                    count += 1
                    if count == 5 and await self._fate.meet(Stage.MIND_GOES_ON):
                        yield word
                    yield word


class FatedVoice(ScriptedSynthesizer):
    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        twice = await self._fate.meet(Stage.VOICE_BEGINS)
        for _ in range(1 + twice):
            async with aclosing(super().synthesize(text, speech)) as pieces:
                count = 0
                async for piece in pieces:
                    count += 1
                    if count == 4 and await self._fate.meet(Stage.VOICE_GOES_ON):
                        yield piece
                    yield piece


class Rehearsed(ScriptedSynthesizer):
    """A voice that knows by heart what the house itself has to say, and nothing else."""

    def __init__(self, voice: FatedVoice) -> None:
        super().__init__()
        self._voice = voice
        self._by_heart = Cached(ScriptedSynthesizer(), 1 << 20)

    async def rehearse(self) -> None:
        for sentence in (*FIXED_SENTENCES, holding_sentence("en")):
            for phrase in phrases_of(sentence, self, Speech()):
                await whole_sound(self._by_heart, phrase, Speech())

    def is_kept(self, text: str, speech: Speech) -> bool:
        return self._by_heart.is_kept(text, speech)

    def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self._by_heart if self.is_kept(text, speech) else self._voice
        return voice.synthesize(text, speech)


class Fated:
    """All three, under one fate."""

    def __init__(self) -> None:
        self.fate = Fate()
        self.ear = FatedEar(self.fate)
        self.model = FatedModel(self.fate)
        self.voice = Rehearsed(FatedVoice(self.fate))

    @property
    def engines(self) -> Engines:
        return scripted(stt=self.ear, llm=self.model, tts=self.voice)
