"""A call's ear at work: sound comes in at the client's rate, facts about speech go out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import anyio
import numpy as np

from repartee.audio.pcm import PcmReader
from repartee.audio.resample import Resampler
from repartee.calls.clock import now
from repartee.conversation import events as ev
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, VoiceStream
from repartee.listening.ear import Ear
from repartee.listening.segmenter import SegmentRules, SpeechBegan, SpeechPaused
from repartee.listening.windows import WINDOW_SAMPLES

_MOST_WAITING = 60 * LISTENING_RATE_HZ
"""Sound that may wait to be heard: one minute."""
_STARVED_AFTER_SECONDS = 0.5
"""A client that stops sending in mid-speech has fallen silent, and so is answered."""
_SILENCE = np.zeros(LISTENING_RATE_HZ // 2, np.int16)
_LAST_WINDOW = np.zeros(WINDOW_SAMPLES, np.int16)
"""What is short of a window is heard when it is filled up."""
_BITE = LISTENING_RATE_HZ // 10


class Listener:
    def __init__(
        self,
        stream: VoiceStream,
        rules: SegmentRules,
        preroll_ms: int,
        happened: Callable[[ev.Event], None],
        feed: Callable[[Samples], None],
    ) -> None:
        self._ear = Ear(stream, rules, preroll_ms)
        self._happened = happened
        self._feed = feed
        self._pcm = PcmReader()
        self._resampler = Resampler(LISTENING_RATE_HZ, LISTENING_RATE_HZ)
        self._waiting: deque[Samples | Callable[[], None]] = deque()
        self._waiting_samples = 0
        self._arrived = anyio.Event()
        self._recording = 0

    @property
    def open(self) -> bool:
        return self._ear.open

    @open.setter
    def open(self, value: bool) -> None:
        self._ear.open = value

    def set_rate(self, rate_hz: int) -> None:
        self._resampler = Resampler(rate_hz, LISTENING_RATE_HZ)

    def take(self, pcm: bytes) -> bool:
        """Queue PCM16 at the client's rate; False when there is no room for it."""
        return self.take_samples(self._resampler.push(self._pcm.take(pcm)))

    def take_samples(self, samples: Samples) -> bool:
        """Queue sound of 16 kHz; False when there is no room for it."""
        if self._waiting_samples + len(samples) > _MOST_WAITING:
            return False
        if len(samples):
            self._waiting.append(samples)
            self._waiting_samples += len(samples)
            self._arrived.set()
        return True

    def when_heard(self, then: Callable[[], None]) -> None:
        """Do this once everything that was taken so far has been heard."""
        self._waiting.append(then)
        self._arrived.set()

    def begin_recording(self) -> None:
        """What comes now does not go on from what came before, and nothing of that is heard."""
        self._recording += 1
        self._waiting.clear()
        self._waiting_samples = 0
        self._ear.begin_anew()

    def end_recording(self, then: Callable[[], None]) -> None:
        """Hear it to its last sample, and then do this."""
        self.take_samples(_LAST_WINDOW)
        self.when_heard(then)

    async def run(self) -> None:
        while True:
            await self._hear(await self._next())
            if self._waiting:
                await asyncio.sleep(0)  # a detector may answer without ever waiting

    async def _next(self) -> Samples:
        """The next bite of sound: small, so that what it says is told in good time."""
        while True:
            while not self._waiting:
                self._arrived = anyio.Event()
                starves = self._ear.in_speech
                with anyio.move_on_after(_STARVED_AFTER_SECONDS if starves else None):
                    await self._arrived.wait()
                if starves and not self._waiting:
                    return _SILENCE
            first = self._waiting.popleft()
            if not callable(first):
                return self._bite(first)
            first()

    def _bite(self, samples: Samples) -> Samples:
        if len(samples) > _BITE:
            self._waiting.appendleft(samples[_BITE:])
            samples = samples[:_BITE]
        self._waiting_samples -= len(samples)
        return samples

    async def _hear(self, samples: Samples) -> None:
        recording = self._recording
        for what in await self._ear.hear(samples):
            if recording != self._recording:
                return  # what was heard belongs to an earlier one
            match what:
                case SpeechBegan(at_ms=at_ms):
                    self._happened(ev.SpeechStarted(self._moment(at_ms)))
                case SpeechPaused(at_ms=at_ms):
                    self._happened(ev.SpeechPaused(self._moment(at_ms)))
                case _:
                    self._feed(what)

    def _moment(self, at_ms: float) -> float:
        """When the sound at this place of the stream was heard, on the call's clock."""
        return now() - max(self._ear.position_ms - at_ms, 0.0) / 1000
