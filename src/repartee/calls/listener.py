"""A call's ear at work: sound comes in at the client's rate, facts about speech go out."""

from __future__ import annotations

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

_MOST_WAITING = 60 * LISTENING_RATE_HZ
"""Sound that may wait to be heard: one minute."""
_STARVED_AFTER_SECONDS = 0.5
"""A client that stops sending in mid-speech has fallen silent, and so is answered."""
_SILENCE = np.zeros(LISTENING_RATE_HZ // 2, np.int16)
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
        self._waiting: deque[Samples] = deque()
        self._waiting_samples = 0
        self._arrived = anyio.Event()

    @property
    def open(self) -> bool:
        return self._ear.open

    @open.setter
    def open(self, value: bool) -> None:
        self._ear.open = value

    def set_rate(self, rate_hz: int) -> None:
        self._resampler = Resampler(rate_hz, LISTENING_RATE_HZ)

    def take(self, pcm: bytes) -> bool:
        """Queue sound; False when there is no room for it."""
        samples = self._resampler.push(self._pcm.take(pcm))
        if self._waiting_samples + len(samples) > _MOST_WAITING:
            return False
        if len(samples):
            self._waiting.append(samples)
            self._waiting_samples += len(samples)
            self._arrived.set()
        return True

    async def run(self) -> None:
        while True:
            await self._hear(await self._next())

    async def _next(self) -> Samples:
        """The next bite of sound: small, so that what it says is told in good time."""
        while not self._waiting:
            self._arrived = anyio.Event()
            starves = self._ear.in_speech
            with anyio.move_on_after(_STARVED_AFTER_SECONDS if starves else None):
                await self._arrived.wait()
            if starves and not self._waiting:
                return _SILENCE
        samples = self._waiting.popleft()
        if len(samples) > _BITE:
            self._waiting.appendleft(samples[_BITE:])
            samples = samples[:_BITE]
        self._waiting_samples -= len(samples)
        return samples

    async def _hear(self, samples: Samples) -> None:
        for what in await self._ear.hear(samples):
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
