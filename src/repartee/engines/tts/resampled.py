"""A synthesiser at another rate: the same pieces with the same words, resampled as one stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from repartee.audio.resample import Resampler
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice, WordTime
from repartee.engines.tts.speeds import speeds_of


class Resampled:
    def __init__(self, synthesizer: Synthesizer, rate_hz: int = 24_000) -> None:
        self.name = synthesizer.name
        self.ascii_only = synthesizer.ascii_only
        self.speeds = speeds_of(synthesizer)
        self._synthesizer = synthesizer
        self._rate_hz = rate_hz

    def __repr__(self) -> str:
        return f"<{self._synthesizer!r} at {self._rate_hz} Hz>"

    @property
    def ready(self) -> bool:
        return bool(getattr(self._synthesizer, "ready", True))

    async def open(self) -> None:
        await self._synthesizer.open()

    def voices(self) -> Sequence[Voice]:
        return self._synthesizer.voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return self._synthesizer.resolve(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        resampler: Resampler | None = None
        words: list[WordTime] = []  # of sound that the resampler still holds back
        async with aclosing(self._synthesizer.synthesize(text, speech)) as pieces:
            async for piece in pieces:
                words.extend(piece.words)
                if resampler is None:
                    resampler = Resampler(piece.rate_hz, self._rate_hz)
                samples = resampler.push(piece.samples)
                if len(samples):
                    yield Sound(samples, self._rate_hz, tuple(words))
                    words.clear()
        if resampler is not None and (len(rest := resampler.flush()) or words):
            yield Sound(rest, self._rate_hz, tuple(words))

    async def close(self) -> None:
        await self._synthesizer.close()
