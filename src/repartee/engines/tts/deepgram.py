"""Text to speech with Deepgram's Aura, streamed over WebSockets.

Each text that is being spoken has a connection of its own, taken from a few that are kept warm. As
long as nothing of a text was heard, a connection that fails is replaced by another.
"""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from repartee.audio.pcm import Samples
from repartee.engines.deepgram import BASE_URL, TIMEOUT_S, deepgram, try_out
from repartee.engines.live import Retries, Sleep
from repartee.engines.live_service import Query
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.deepgram_mouth import Mouths
from repartee.engines.tts.deepgram_voices import AURA_VOICES, aura_voice
from repartee.engines.tts.speeds import Speeds
from repartee.errors import EngineError, EngineTimeout

RATE_HZ = 24_000
MOST_CHARS = 1_900
"""Longer texts are spoken in parts: Deepgram takes 2,000 characters at once."""
SPEEDS = Speeds(0.7, 1.5)


class DeepgramAura:
    name = "deepgram"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`timeout`: how long the next piece of sound may take to come."""
        self._mouths = Mouths(deepgram(api_key, base_url, timeout))
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<DeepgramAura: {self._mouths}>"

    async def open(self) -> None:
        self._mouths.open()
        await try_out(self.reach())

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        self._mouths.give_back(await self._mouths.take(_query(AURA_VOICES[0], Speech())))

    def voices(self) -> Sequence[Voice]:
        return AURA_VOICES

    def resolve(self, voice: str, language: str) -> Voice:
        return aura_voice(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        query = _query(self.resolve(speech.voice, speech.language), speech)
        for part in textwrap.wrap(text, MOST_CHARS, break_on_hyphens=False):
            async with aclosing(self._said(part, query)) as pieces:
                async for samples in pieces:
                    yield Sound(samples, RATE_HZ)

    async def close(self) -> None:
        await self._mouths.close()

    async def _said(self, text: str, query: Query) -> AsyncGenerator[Samples]:
        retries = Retries(self._sleep)
        heard, timeouts = False, 0
        while True:
            try:
                async with aclosing(self._attempt(text, query)) as pieces:
                    async for samples in pieces:
                        heard = True
                        yield samples
                return
            except EngineError as failure:
                timeouts += isinstance(failure, EngineTimeout)
                if heard or timeouts > 1:  # one may be a connection that died unnoticed
                    raise
                await retries.after(failure)

    async def _attempt(self, text: str, query: Query) -> AsyncGenerator[Samples]:
        mouth = await self._mouths.take(query)
        try:
            async with aclosing(mouth.say(text)) as pieces:
                async for samples in pieces:
                    yield samples
        finally:
            self._mouths.give_back(mouth)


def _query(voice: Voice, speech: Speech) -> Query:
    speed = SPEEDS.nearest(speech.speed)
    return (
        ("model", voice.name),
        ("encoding", "linear16"),
        ("sample_rate", str(RATE_HZ)),
        *((("speed", f"{speed:g}"),) if speed != 1.0 else ()),
    )
