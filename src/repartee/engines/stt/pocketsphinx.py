"""Speech to text with pocketsphinx: English, on any machine, with nothing to download.

Made for clear speech close to the microphone; noise spoils it. Its decoder holds the interpreter's
lock and ends the process when misused, so it lives in worker processes (`sphinx_decoder.py` is
what runs there). Here is the side of the event loop, where nothing is decoded.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Sequence

import msgspec

from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Samples, Transcript
from repartee.engines.stt.cepstral_mean import Mean
from repartee.engines.stt.sphinx_decoder import Begin, Heard, Settle, Settled, Sound
from repartee.engines.workshop import Worker, Workshop
from repartee.errors import BadInput, EngineFailed, EngineMissing, RequestRefused
from repartee.installing import command, extra
from repartee.machine import usable_cores

WHOLE_SAMPLES = 12 * LISTENING_RATE_HZ
"""A turn that goes on after a pause is settled as a whole up to this length. Beyond it the words
before the pause stay as they are, because settling takes time in proportion."""
MOST_SAMPLES = 120 * LISTENING_RATE_HZ
"""How long someone may speak without a pause."""


class PocketSphinx:
    """`at_once` turns are heard at the same time, each in a process of some 20 MB; more of them
    wait for their turn. The default leaves half of the machine to the rest."""

    name = "pocketsphinx"
    languages: Sequence[str] = ("en",)

    def __init__(self, at_once: int | None = None) -> None:
        self.at_once = at_once = at_once or max(4, int(2 * usable_cores()))
        self._workshop = Workshop(
            self.name,
            "repartee.engines.stt.sphinx_decoder:load",
            at_once=at_once,
            most_waiting=4 * at_once,
        )

    @property
    def ready(self) -> bool:
        return self._workshop.ready

    async def open(self) -> None:
        if importlib.util.find_spec("pocketsphinx") is None:
            raise EngineMissing(
                "The pocketsphinx engine needs the package pocketsphinx.",
                hint=command(extra("embedded")),
            )
        await self._workshop.open()

    @contextlib.asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[SphinxHearing]:
        if language.lower().replace("_", "-").partition("-")[0] not in self.languages:
            raise BadInput(
                "The pocketsphinx engine understands English only.",
                hint="Choose another recogniser for this language.",
            )
        hearing = SphinxHearing(self._workshop, caller)
        try:
            yield hearing
        finally:
            hearing.leave()

    async def close(self) -> None:
        await self._workshop.close()


class SphinxHearing:
    """One turn of one caller. Places in it are counted in samples fed."""

    def __init__(self, workshop: Workshop, caller: Caller) -> None:
        self._workshop = workshop
        self._caller = caller
        self._changed = asyncio.Event()
        self._partial = ""
        self._begun = self._fed = self._asked = self._covered = 0
        self._before = self._transcript = Transcript("", 0.0)
        self._failure: EngineFailed | None = None
        self._left = False
        self._worker = self._begin()

    def feed(self, samples: Samples) -> None:
        if self._left or not len(samples):
            return
        if self._covered == self._fed > self._begun + WHOLE_SAMPLES:
            self._begin_anew()
        self._fed += len(samples)
        if self._fed > self._begun + MOST_SAMPLES:
            self._fail(
                RequestRefused("This turn is too long to be recognised; pause now and then.")
            )
        else:
            self._worker.send(Sound(samples.tobytes()))

    async def partials(self) -> AsyncIterator[str]:
        told = ""
        while not self._left:
            if self._failure:
                raise self._failure
            if told == self._partial:
                await self._changed.wait()
            else:
                told = self._partial
                yield told

    async def settle(self) -> Transcript:
        wanted = self._fed
        if self._asked < wanted:
            self._asked = wanted
            self._worker.send(Settle(wanted))
        while self._covered < wanted:
            if self._failure:
                raise self._failure
            await self._changed.wait()
        return self._transcript

    def leave(self) -> None:
        self._left = True
        self._fail(EngineFailed("This turn is over."))

    def _begin(self) -> Worker:
        worker = self._workshop.hire(self._on_answer, self._on_lost)
        self._mean: Mean | None = self._caller.notes.get(PocketSphinx.name)
        worker.send(Begin(self._mean, self._caller.patient))
        return worker

    def _begin_anew(self) -> None:
        """Let the words so far stand, and hear what follows as an utterance of its own."""
        self._worker.close()
        self._begun = self._fed
        self._before = self._transcript
        try:
            self._worker = self._begin()
        except EngineFailed as busy:
            self._fail(busy)

    def _on_answer(self, body: bytes) -> None:
        answer = msgspec.msgpack.decode(body, type=Heard | Settled)
        if isinstance(answer, Heard):
            self._partial = f"{self._before.text} {answer.text}".lstrip()
        else:
            self._transcript = joined(self._before, Transcript(answer.text, answer.confidence))
            self._covered = answer.heard_samples
            if answer.text and answer.mean:
                self._remember(answer.mean)
        self._tell()

    def _remember(self, mean: Mean) -> None:
        """Keep the colour of this voice: what was known before this utterance, and what it adds."""
        known = self._mean.joined_with(mean) if self._mean else mean
        self._caller.notes[PocketSphinx.name] = known

    def _on_lost(self) -> None:
        self._fail(EngineFailed("The recogniser stopped unexpectedly; please say that again."))

    def _fail(self, failure: EngineFailed) -> None:
        self._failure = self._failure or failure
        self._worker.close()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def joined(before: Transcript, after: Transcript) -> Transcript:
    """Both, one after the other; each word counts the same for the confidence."""
    if not (before.text and after.text):
        return before if before.text else after
    words, more = len(before.text.split()), len(after.text.split())
    sure = (words * before.confidence + more * after.confidence) / (words + more)
    return Transcript(f"{before.text} {after.text}", sure)
