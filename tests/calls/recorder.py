"""A button, and a recorder that runs while it is held, at the end of a line to a real call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import numpy as np
from anyio.lowlevel import checkpoint

from repartee.audio.decoding import Limits, RecordingDecoder
from repartee.audio.wav import wav_header
from repartee.calls.clock import now
from repartee.calls.decoding import LiveRecording
from repartee.calls.options import CallOptions
from repartee.calls.push_to_talk import PushToTalk
from repartee.conversation import Rules, told
from repartee.dialects.call import TRACED
from repartee.engines.build import Engines
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Samples, Transcript
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.calls.line import VOICE, Line, Notebook, on_the_line, pcm

T = TypeVar("T")

BLOB_MS = 250
AT_ONCE = CallOptions(rules=Rules(sent_at_once=True))


def recording(ms: int, level: int = VOICE) -> list[bytes]:
    """A live recording in blobs of 250 ms; its header does not say how long it is."""
    sound = [pcm(level, min(BLOB_MS, ms - at)) for at in range(0, ms, BLOB_MS)]
    return [wav_header(LISTENING_RATE_HZ) + sound[0], *sound[1:]]


class DecodesHere:
    """In the place of threads: virtual time knows of none. `held` lets decoding stand still."""

    def __init__(self) -> None:
        self.held: anyio.Event | None = None
        self.fails: Exception | None = None

    async def run(self, function: Callable[[], T]) -> T:
        await checkpoint()
        if self.held is not None:
            await self.held.wait()
        if self.fails is not None:
            raise self.fails
        return function()

    def live(self, declared: Any = None, limits: Limits | None = None) -> LiveRecording:
        crew: Any = self
        return LiveRecording(crew, RecordingDecoder(limits or Limits()))


class Witness(ScriptedRecognizer):
    """Keeps the sound of each hearing."""

    def __init__(self, **script: Any) -> None:
        super().__init__(**script)
        self.heard: list[list[Samples]] = []

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[Any]:
        pieces: list[Samples] = []
        self.heard.append(pieces)
        async with super().listen(caller, language) as hearing:
            yield _Witnessed(hearing, pieces)

    def sound(self, hearing: int) -> Samples:
        return np.concatenate([np.zeros(0, np.int16), *self.heard[hearing]])

    def loud_ms(self, hearing: int) -> float:
        """Of what was heard, how much was no silence."""
        return np.count_nonzero(self.sound(hearing)) * 1000 / LISTENING_RATE_HZ


class _Witnessed:
    def __init__(self, hearing: Hearing, pieces: list[Samples]) -> None:
        self._hearing = hearing
        self._pieces = pieces

    def feed(self, samples: Samples) -> None:
        self._pieces.append(samples)
        self._hearing.feed(samples)

    def partials(self) -> AsyncIterator[str]:
        return self._hearing.partials()

    async def settle(self) -> Transcript:
        return await self._hearing.settle()


class Button:
    def __init__(self, line: Line, limits: Limits) -> None:
        self.line = line
        self.room = DecodesHere()
        self.let_go_at = 0.0
        room: Any = self.room
        self.push_to_talk = PushToTalk(line.call, room, limits, self._complain)

    def _complain(self, sentence: str, code: str) -> None:
        self.line.client.tell(told.Problem(sentence, code))

    def press(self) -> None:
        self.push_to_talk.press()

    def let_go(self) -> None:
        self.let_go_at = now()
        self.push_to_talk.let_go()

    def send(self, *blobs: bytes) -> None:
        for blob in blobs:
            self.push_to_talk.take(blob)

    async def record(self, blobs: Iterable[bytes], every_ms: int = BLOB_MS) -> None:
        """Blob by blob, as a recorder hands them out."""
        for blob in blobs:
            await anyio.sleep(every_ms / 1000)
            self.send(blob)

    async def ask(self, ms: int = 2_000, level: int = VOICE) -> None:
        self.press()
        await self.record(recording(ms, level))
        self.let_go()

    async def waited_ms(self) -> float:
        """From letting go to the final transcript."""
        await self.line.client.until(told.UserFinal)
        return round((self.line.client.moments(told.UserFinal)[0] - self.let_go_at) * 1000, 1)

    @property
    def complaints(self) -> list[str]:
        return [problem.sentence for problem in self.line.client.all(told.Problem)]

    @property
    def trace(self) -> list[told.Traced]:
        """Of all that was traced, what clients on `/call` are told."""
        return [trace for trace in self.line.client.all(told.Traced) if trace.event in TRACED]

    def traced(self) -> list[str]:
        return [trace.event for trace in self.trace]


@asynccontextmanager
async def a_button(
    engines: Engines | None = None,
    options: CallOptions = AT_ONCE,
    limits: Limits | None = None,
    notebook: Notebook | None = None,
) -> AsyncIterator[Button]:
    async with on_the_line(engines, options, notebook=notebook) as line:
        yield Button(line, limits or Limits())
