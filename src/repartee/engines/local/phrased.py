"""For synthesisers in this process that make a whole phrase at a time.

A text is spoken phrase by phrase, the first of them a short one: it can be heard while the next is
being made. One model serves every call, a few phrases at once. Who leaves waits for nobody: what
was to be said is not begun, and the phrase that is being made is given up within its network.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, suppress
from functools import partial

import numpy as np

from repartee.engines.blocking import Crew, Line
from repartee.engines.local.library import library, loaded
from repartee.engines.local.stopping import Abandoned, working_for
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.portions import portions
from repartee.errors import EngineFailed, Refused

LONGEST_FIRST_CHARS = 80
LONGEST_PHRASE_CHARS = 200
MOST_WAITING = 16
_SENTENCE_PAUSE_S, _CLAUSE_PAUSE_S = 0.2, 0.1
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_CLAUSE_END = re.compile(r"[,;:、，；：–—][\"'”’»)\]]*$")
_ROOM = 100_000
"""More pieces than a phrase has: its thread belongs to everybody and must not wait for one."""

Say = Callable[[str, Voice, Speech], Iterator[Sound]]
"""What a model does, in a thread: the sound of this phrase, in one piece or in several."""


class Phrases:
    """A model and the threads that may speak with it at once."""

    def __init__(self, name: str, load: Callable[[], Say], *, at_once: int) -> None:
        self._name = name
        self._load = load
        self._at_once = at_once
        self._texts = 0
        """Being spoken, or waiting for that."""
        self._crew: Crew | None = None
        self._say: Say | None = None

    def __repr__(self) -> str:
        return f"<{self._name} {'open' if self._say else 'closed'}>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew(self._name, self._at_once)
        try:
            self._say = await self._crew.run(partial(loaded, self._name, self._load))
        except BaseException:
            await self.close()
            raise

    async def spoken(self, text: str, voice: Voice, speech: Speech) -> AsyncGenerator[Sound]:
        if self._texts >= self._at_once + MOST_WAITING:
            raise Refused("The voice is busy; try again in a moment.")
        self._texts += 1
        try:
            for phrase in phrases(text):
                async with aclosing(self._phrase(phrase, voice, speech)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            self._texts -= 1

    def _phrase(self, phrase: str, voice: Voice, speech: Speech) -> AsyncGenerator[Sound]:
        if self._crew is None or self._say is None:
            raise EngineFailed(f"The {self._name} engine is not open.")
        work = partial(self._tell, partial(self._say, phrase, voice, speech), phrase)
        return self._crew.stream(work, room=_ROOM, at_end=_nothing)

    def _tell(self, say: Callable[[], Iterator[Sound]], phrase: str, line: Line[Sound]) -> None:
        """Runs in a thread."""
        if line.left:
            return
        with suppress(Abandoned), library(self._name, "speaking"), working_for(line):
            rate_hz = 0
            for sound in say():
                rate_hz = sound.rate_hz
                if len(sound.samples) and not line.put(sound):
                    return
            if rate_hz and (pause := round(pause_after(phrase) * rate_hz)):
                line.put(Sound(np.zeros(pause, np.int16), rate_hz))

    async def close(self) -> None:
        crew, self._crew, self._say = self._crew, None, None
        if crew is not None:
            await crew.close()


def phrases(text: str) -> Iterator[str]:
    """The text in parts that are spoken in one go; none without a letter or a number in it."""
    rest = text.strip()
    first = next(portions(rest, LONGEST_FIRST_CHARS), "")
    for phrase in (first, *portions(rest[len(first) :], LONGEST_PHRASE_CHARS)):
        if any(map(str.isalnum, phrase)):
            yield phrase


def pause_after(phrase: str) -> float:
    """How many seconds of silence belong after it, so that phrases can follow each other."""
    if _SENTENCE_END.search(phrase):
        return _SENTENCE_PAUSE_S
    return _CLAUSE_PAUSE_S if _CLAUSE_END.search(phrase) else 0.0


def _nothing() -> None:
    """Nobody has to know when a phrase is done."""
