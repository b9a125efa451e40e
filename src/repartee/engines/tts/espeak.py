"""Speech from espeak-ng, in this process: instant, in many languages, and plainly a machine.

It synthesises a thousand times faster than anyone can listen. A text is therefore spoken passage
by passage: each is a few milliseconds of work on a thread, the next begins when the listener has
taken this one. Passages that continue a text take turns, so that the first passage of another
finds at most one ahead of it; and no more sound is held than one passage makes.

A passage that ends in punctuation is followed by the pause that belongs there, so that sentences
synthesised one by one can be played one after another.

A word travels with the piece of sound in which it begins. Only a word that espeak ran together
with others ("of the") is timed when the next one is known, and may come one piece later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from repartee.audio.pcm import Samples
from repartee.engines.blocking import Crew, Line
from repartee.engines.protocols import Sound, Speech, Voice, WordTime
from repartee.engines.tts.espeak_library import (
    RATE_HZ,
    Delivery,
    EspeakLibrary,
    WordBegins,
    give_back,
    lease_library,
)
from repartee.engines.tts.espeak_text import Passage, TimedWord, WordTimer, passages, speakable
from repartee.engines.tts.espeak_voices import Speakers
from repartee.engines.tts.speeds import Speeds
from repartee.errors import BadInput, EngineFailed

LONGEST_TEXT = 10_000
NORMAL_WORDS_PER_MINUTE = 175
SLOWEST_WORDS_PER_MINUTE, FASTEST_WORDS_PER_MINUTE = 80, 450
FASTEST_SPEED = 2.0

_ROOM = 100_000
"""More pieces than a passage has: its thread belongs to everybody and must not wait for one."""


class Espeak:
    name = "espeak"
    ascii_only = False
    speeds = Speeds(SLOWEST_WORDS_PER_MINUTE / NORMAL_WORDS_PER_MINUTE)

    def __init__(self, *, copies: int = 1) -> None:
        """`copies` of the library, each with a thread: how many passages are spoken at once."""
        self._copies = copies
        self._crew: Crew | None = None
        self._turns = asyncio.Semaphore(copies)
        self._libraries: deque[EspeakLibrary] = deque()
        self._speakers: Speakers | None = None

    def __repr__(self) -> str:
        return f"<Espeak: {'closed' if self._crew is None else self._speakers}>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew(self.name, self._copies)
        self._turns = asyncio.Semaphore(self._copies)
        try:
            await self._crew.run(self._load)
        except BaseException:
            await self.close()
            raise

    def _load(self) -> None:
        while len(self._libraries) < self._copies:
            self._libraries.append(lease_library())
        first = self._libraries[0]
        self._speakers = Speakers(first.voices(), first.variants())

    def voices(self) -> Sequence[Voice]:
        return self._opened()[1].voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return self._opened()[1].find(voice, language).voice

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        (crew, speakers), turns = self._opened(), self._turns
        if len(text) > LONGEST_TEXT:
            raise BadInput(
                f"The text has {len(text)} characters, and at most {LONGEST_TEXT} can be spoken"
                " at once. Please send it in parts."
            )
        speaker = speakers.find(speech.voice, speech.language)
        delivery = Delivery(
            speaker.espeak_name, _words_per_minute(speech.speed), speaker.volume, speaker.pitch
        )
        spoken_samples = 0
        for passage in passages(speakable(text)):
            work = partial(self._tell, _Telling(passage, delivery, spoken_samples))
            if spoken_samples:
                await turns.acquire()
            at_end = turns.release if spoken_samples else _nothing
            async with aclosing(crew.stream(work, room=_ROOM, at_end=at_end)) as pieces:
                async for piece in pieces:
                    spoken_samples += len(piece.samples)
                    yield piece

    def _tell(self, telling: _Telling, line: Line[Sound]) -> None:
        """Runs on one of the crew's threads; there are as many of these as libraries."""
        library = self._libraries.popleft()
        try:
            telling.run(library, line)
        finally:
            self._libraries.append(library)

    async def close(self) -> None:
        crew, self._crew = self._crew, None
        self._speakers = None
        if crew is not None:
            await crew.close()
        while self._libraries:
            give_back(self._libraries.popleft())

    def _opened(self) -> tuple[Crew, Speakers]:
        if self._crew is None or self._speakers is None:
            raise EngineFailed("The espeak engine is closed.")
        return self._crew, self._speakers


def _nothing() -> None:
    """The first passage of a text had no turn to wait for, and has none to give back."""


def _words_per_minute(speed: float) -> int:
    if not 0 < speed <= FASTEST_SPEED:
        raise BadInput(
            f"The speed {speed} can't be spoken."
            f" Please give a number above 0, up to {FASTEST_SPEED:g}."
        )
    wished = round(NORMAL_WORDS_PER_MINUTE * speed)
    return min(max(wished, SLOWEST_WORDS_PER_MINUTE), FASTEST_WORDS_PER_MINUTE)


class _Telling:
    """One passage being spoken: espeak's sound and words on their way to the listener."""

    def __init__(self, passage: Passage, delivery: Delivery, begins_at: int) -> None:
        self._passage = passage
        self._delivery = delivery
        self._begins_at = begins_at
        self._timer = WordTimer(passage.text)
        self._words: deque[TimedWord] = deque()
        # One piece is held back, because the last one takes the words that are timed at the end.
        self._held: Samples | None = None
        self._samples_before = 0

    def run(self, library: EspeakLibrary, line: Line[Sound]) -> None:
        listening = True

        def hear(samples: Samples, begins: list[WordBegins]) -> bool:
            nonlocal listening
            for word in begins:
                self._words.extend(self._timer.told(word))
            if len(samples):
                if self._held is not None:
                    listening = line.put(self._piece(self._held))
                self._held = samples
            return listening

        library.choose(self._delivery)
        library.speak(self._passage.text, hear, pause_at_end=self._passage.is_punctuated)
        if not listening:
            # Nobody hears this who left by himself; a listener whose engine was closed does.
            raise EngineFailed("The espeak engine was closed while it spoke.")
        if self._held is not None:
            self._words.extend(self._timer.ended(self._samples_before + len(self._held)))
            line.put(self._piece(self._held, last=True))

    def _piece(self, samples: Samples, *, last: bool = False) -> Sound:
        """This sound with the words that begin in it."""
        self._samples_before += len(samples)
        words = []
        while self._words and (last or self._words[0].sample < self._samples_before):
            word = self._words.popleft()
            start_ms = (self._begins_at + word.sample) * 1000 // RATE_HZ
            words.append(WordTime(self._passage.offset + word.offset, word.length, start_ms))
        return Sound(samples, RATE_HZ, tuple(words))
