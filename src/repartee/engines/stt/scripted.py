"""A recogniser that hears what the script says, whatever is said to it.

Each turn of a caller is the next transcript, from the first again after the last. Partials grow
word by word with the sound that is fed; a hearing that was fed nothing heard nothing.

With `by_tone` it does hear something: a tone of 200 Hz says the first transcript, one of 300 Hz the
second, and so on. So it can be told whether each caller's sound, and no other, came to the ear.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Samples, Transcript
from repartee.engines.script import Sleep, read_script

NOTE = "scripted stt"
"""Under this name a caller's notes hold how many turns were heard."""
FIRST_TONE_HZ, TONE_STEP_HZ = 200, 100
TRANSCRIPTS = (
    "Hello, can you hear me?",
    "What is the weather like today?",
    "Thank you, that is all.",
)


class HearingScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    transcripts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = TRANSCRIPTS
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.95
    word_ms: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """After so much sound each, another word shows in the partials."""
    settle_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How long the final transcript takes."""
    by_tone: bool = False
    """The tone says which transcript is heard, and not whose turn it is."""
    tone_step_hz: Annotated[float, msgspec.Meta(gt=0)] = TONE_STEP_HZ
    """How far the tones of two transcripts are apart."""


class ScriptedRecognizer:
    name = "scripted"
    languages: Sequence[str] = ("en",)

    def __init__(
        self,
        *,
        transcripts: Sequence[str] = TRANSCRIPTS,
        confidence: float = 0.95,
        word_ms: float = 300.0,
        settle_ms: float = 0.0,
        by_tone: bool = False,
        script: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._path = script
        self._script = HearingScript(tuple(transcripts), confidence, word_ms, settle_ms, by_tone)
        self._sleep = sleep

    async def open(self) -> None:
        self._script = await read_script(self._path, "stt", self._script)

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
        hearing = ScriptedHearing(self._script, caller, self._sleep)
        try:
            yield hearing
        finally:
            hearing.leave()

    async def close(self) -> None:
        """There is nothing to give back."""


class ScriptedHearing:
    def __init__(self, script: HearingScript, caller: Caller, sleep: Sleep) -> None:
        self._script = script
        self._caller = caller
        self._sleep = sleep
        self._turn: int = caller.notes.get(NOTE, 0)
        self._tone = Tone()
        self._fed_ms = 0.0
        self._left = False
        self._changed = asyncio.Event()

    def feed(self, samples: Samples) -> None:
        self._fed_ms += len(samples) * 1000 / LISTENING_RATE_HZ
        if self._script.by_tone:
            self._tone.hear(samples)
        self._changed.set()

    async def partials(self) -> AsyncIterator[str]:
        told = 0
        while not self._left:
            await self._changed.wait()
            self._changed.clear()
            words = self._text.split()
            heard = min(int(self._fed_ms / self._script.word_ms), len(words))
            if heard > told and not self._left:
                told = heard
                yield " ".join(words[:heard])

    async def settle(self) -> Transcript:
        await self._sleep(self._script.settle_ms / 1000)
        # Only a turn that was taken down counts: one that was abandoned is heard again.
        self._caller.notes[NOTE] = self._turn + 1
        text = self._text
        if not self._fed_ms or not text:
            return Transcript("", 0.0)
        return Transcript(text, self._script.confidence)

    @property
    def _text(self) -> str:
        transcripts = self._script.transcripts
        if not self._script.by_tone:
            return transcripts[self._turn % len(transcripts)]
        number = round((self._tone.hz - FIRST_TONE_HZ) / self._script.tone_step_hz)
        return transcripts[number] if 0 <= number < len(transcripts) else ""

    def leave(self) -> None:
        self._left = True
        self._changed.set()


class Tone:
    """How high a sound is, by how often it changes sides. What is hardly audible does not count."""

    _AUDIBLE = 300
    _LONGEST_GAP = LISTENING_RATE_HZ // 100
    """What is audible again after more samples than these is another sound."""

    def __init__(self) -> None:
        self._changes = 0
        self._steps = 0
        self._end: Samples = np.zeros(0, np.int16)
        """From the last sample that was audible: the sound may go on in the next piece."""

    def hear(self, samples: Samples) -> None:
        samples = np.concatenate([self._end, samples])
        audible = np.flatnonzero((samples > self._AUDIBLE) | (samples < -self._AUDIBLE))
        if len(audible) > 1:
            sides = samples[audible[0] : audible[-1] + 1] >= 0
            self._changes += int(np.count_nonzero(sides[1:] != sides[:-1]))
            self._steps += len(sides) - 1
        end = samples[audible[-1] :] if len(audible) else samples[:0]
        self._end = end if len(end) <= self._LONGEST_GAP else samples[:0]

    @property
    def hz(self) -> float:
        """Nought when there was nothing to hear."""
        return self._changes / 2 * LISTENING_RATE_HZ / self._steps if self._steps else 0.0
