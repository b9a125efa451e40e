"""A synthesiser that remembers: what was spoken once is there at once when it is wanted again.

Sound is kept in memory, under everything that changes it, and the longest unused goes first, but
for what is to be kept for good: the few sentences that must be there when the engine fails. Who
asks for what is just being synthesised listens along, from its beginning; the work ends when the
last of them has left. Only what was spoken to its end is kept, so nobody ever hears half of it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress

import msgspec
import numpy as np

from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.engines.tts.speeds import speeds_of
from repartee.engines.tts.take import Take
from repartee.errors import BadInput

_OVERHEAD_BYTES = 1_024
"""What a sound costs beside its samples, so that a great many empty ones have a bound too."""
_LARGEST_SHARE = 4
"""What fills more than a quarter of the cache would drive out too much else, and is not kept."""


class Key(msgspec.Struct, frozen=True):
    """Everything that changes the sound."""

    engine: str
    text: str
    voice: Voice
    language: str
    speed: float


class CacheFigures(msgspec.Struct, frozen=True):
    hits: int
    """Requests that needed no synthesis of their own."""
    misses: int
    sounds: int
    bytes: int


class Cached:
    def __init__(self, synthesizer: Synthesizer, most_bytes: int) -> None:
        self.name = synthesizer.name
        self.ascii_only = synthesizer.ascii_only
        self.speeds = speeds_of(synthesizer)
        self._synthesizer = synthesizer
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, Sound] = OrderedDict()
        self._for_good: set[tuple[str, Speech]] = set()
        """As they are asked for. Their keys may change: a broker says whose voice it is when it has
        spoken."""
        self._takes: dict[Key, Take] = {}
        self._bytes = self._hits = self._misses = 0

    def __repr__(self) -> str:
        return f"<{self._synthesizer!r}, {len(self._kept)} sounds kept>"

    @property
    def figures(self) -> CacheFigures:
        return CacheFigures(self._hits, self._misses, len(self._kept), self._bytes)

    @property
    def ready(self) -> bool:
        return bool(getattr(self._synthesizer, "ready", True))

    async def open(self) -> None:
        await self._synthesizer.open()

    def voices(self) -> Sequence[Voice]:
        return self._synthesizer.voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return self._synthesizer.resolve(voice, language)

    def is_kept(self, text: str, speech: Speech) -> bool:
        """Whether this was spoken before and is here."""
        return self._key(text, speech) in self._kept

    def keep_for_good(self, text: str, speech: Speech) -> None:
        """Once this is spoken, it is here for as long as the engine is open."""
        self._for_good.add((text, speech))

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        key = self._key(text, speech)
        if (sound := self._kept.get(key)) is not None:
            self._hits += 1
            self._kept.move_to_end(key)
            yield sound
            return
        take = self._takes.get(key)
        if take is None:
            self._misses += 1
            take = self._begin(key, speech)
        else:
            self._hits += 1
        async with aclosing(take.heard()) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        await asyncio.gather(*(take.stop() for take in list(self._takes.values())))
        self._kept.clear()
        self._bytes = 0
        await self._synthesizer.close()

    def _key(self, text: str, speech: Speech) -> Key:
        voice = self.resolve(speech.voice, speech.language)
        speed = self.speeds.nearest(speech.speed)
        return Key(self._synthesizer.name, text, voice, speech.language, speed)

    def _keys_for_good(self) -> Iterator[Key]:
        for text, speech in self._for_good:
            with suppress(BadInput):  # a voice that is not there any more
                yield self._key(text, speech)

    def _begin(self, key: Key, speech: Speech) -> Take:
        def settled(whole: Sequence[Sound] | None) -> None:
            del self._takes[key]
            if whole is not None:
                with suppress(BadInput):  # the voice is not there any more
                    self._keep(self._key(key.text, speech), whole)

        sounds = self._synthesizer.synthesize(key.text, speech)
        take = Take(sounds, self._most_bytes // _LARGEST_SHARE, settled)
        self._takes[key] = take
        return take

    def _keep(self, key: Key, pieces: Sequence[Sound]) -> None:
        """Keep it as one piece: one that is there needs no stream."""
        if len({piece.rate_hz for piece in pieces}) != 1:
            return  # an engine that changes its rate, or says nothing at all
        samples = np.concatenate([piece.samples for piece in pieces])
        samples.flags.writeable = False  # it is everybody's
        words = tuple(word for piece in pieces for word in piece.words)
        sound = Sound(samples, pieces[0].rate_hz, words)
        if (before := self._kept.pop(key, None)) is not None:
            self._bytes -= _cost(key, before)
        self._kept[key] = sound
        self._bytes += _cost(key, sound)
        if self._bytes <= self._most_bytes:
            return
        to_stay = set(self._keys_for_good())
        while self._bytes > self._most_bytes:
            oldest = next((one for one in self._kept if one not in to_stay), None)
            if oldest is None:
                return
            self._bytes -= _cost(oldest, self._kept.pop(oldest))


def is_kept(tts: Synthesizer, text: str, speech: Speech) -> bool:
    """Whether whoever would speak this has it here already, if that is known."""
    asked = getattr(tts, "is_kept", None)
    return asked is not None and bool(asked(text, speech))


def _cost(key: Key, sound: Sound) -> int:
    return sound.samples.nbytes + len(key.text) + _OVERHEAD_BYTES
