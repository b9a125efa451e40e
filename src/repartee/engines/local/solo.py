"""For synthesisers that know one voice: every name that clients use means the same speaker."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from repartee.engines.local.phrased import Phrases, Say
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import resolve_among

SPEEDS = Speeds(0.5, 2.0)


class Solo:
    """The whole of such an engine, but for its model and its name."""

    def __init__(self, name: str, voice: Voice, load: Callable[[], Say]) -> None:
        self._voice = voice
        # These models keep their wishes within themselves, so they speak one phrase at a time.
        self._phrases = Phrases(name, load, at_once=1)

    def __repr__(self) -> str:
        return repr(self._phrases)

    async def open(self) -> None:
        await self._phrases.open()

    def voices(self) -> Sequence[Voice]:
        return (self._voice,)

    def resolve(self, voice: str, language: str) -> Voice:
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        within = SPEEDS.nearest(speech.speed)
        wished = Speech(speech.voice, speech.language, within)
        async with aclosing(self._phrases.spoken(text, voice, wished)) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        await self._phrases.close()
