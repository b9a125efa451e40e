"""A call's ear at work: sound comes in at the client's rate, facts about speech go out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

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
        self.taken_samples = 0
        """All that was ever taken."""
        self._enough = asyncio.Event()
        self._in_recording = False
        self._without_voice: list[Samples] = []
        self._forgotten = 0
        """How often all that had come was forgotten."""

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
        samples = self._resampler.push(self._pcm.take(pcm))
        if self._waiting_samples + len(samples) > _MOST_WAITING:
            return False
        self.take_samples(samples)
        return True

    def take_samples(self, samples: Samples) -> None:
        """Queue 16 kHz sound of a recording, which has limits of its own."""
        if len(samples):
            self._waiting.append(samples)
            self._waiting_samples += len(samples)
            self.taken_samples += len(samples)
            if self._has_enough():
                self._enough.set()

    def when_heard(self, then: Callable[[], None]) -> None:
        """Do this once everything that was taken so far has been heard."""
        self._waiting.append(then)
        self._enough.set()

    def begin_recording(self) -> None:
        """What comes now does not go on from what came before, and nothing of that is heard."""
        self._forget()
        self._in_recording = True

    def end_recording(self, then: Callable[[], None]) -> None:
        """Hear it to its last sample, and then do this."""

        def ended() -> None:
            self._in_recording = False
            for samples in self._without_voice:
                self._feed(samples)
            self._without_voice.clear()
            then()

        self.take_samples(_LAST_WINDOW)
        self.when_heard(ended)

    def close(self) -> None:
        """The turn is over; what is left of a recording that was not is heard by nobody."""
        if self._in_recording:
            self._forget()
            self._in_recording = False
        self._ear.open = False

    def _forget(self) -> None:
        self._forgotten += 1
        self._waiting.clear()
        self._waiting_samples = 0
        self._without_voice.clear()
        self._ear.begin_anew()

    async def run(self) -> None:
        while True:
            await self._hear(await self._next())
            if self._waiting:
                await asyncio.sleep(0)  # a detector may answer without ever waiting

    async def _next(self) -> Samples:
        """The next bite of sound: small, so that what it says is told in good time."""
        while True:
            while not self._has_enough():
                if not await self._more_comes():
                    return _SILENCE
            first = self._waiting.popleft()
            if not callable(first):
                return self._bite(first)
            first()

    def _has_enough(self) -> bool:
        """Whether there is a window to be heard, or something to be done."""
        return self._waiting_samples >= self._ear.missing_samples or (
            bool(self._waiting) and callable(self._waiting[-1])
        )

    async def _more_comes(self) -> bool:
        """Wait for it; False when somebody who spoke sends nothing any more."""
        self._enough.clear()
        if not self._starves:
            await self._enough.wait()
            return True
        loop = asyncio.get_running_loop()
        starved = loop.call_later(_STARVED_AFTER_SECONDS, self._enough.set)
        try:
            await self._enough.wait()
        finally:
            starved.cancel()
        return self._has_enough() or not self._starves

    @property
    def _starves(self) -> bool:
        """The pieces of a recording may come late: its sound goes on all the same."""
        return self._ear.in_speech and not self._in_recording

    def _bite(self, samples: Samples) -> Samples:
        """These samples, and as many of the next ones as are good to swallow."""
        pieces, size = [samples], len(samples)
        while size < _BITE and self._waiting and not callable(self._waiting[0]):
            piece = self._waiting.popleft()
            assert not callable(piece)
            pieces.append(piece)
            size += len(piece)
        bite = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        if size > _BITE:
            self._waiting.appendleft(bite[_BITE:])
        self._waiting_samples -= min(size, _BITE)
        return bite[:_BITE]

    async def _hear(self, samples: Samples) -> None:
        forgotten = self._forgotten
        heard = await self._ear.hear(samples)
        if forgotten != self._forgotten:
            return
        if self._in_recording:
            self._keep_until_a_voice_comes(samples)
        for what in heard:
            match what:
                case SpeechBegan(at_ms=at_ms):
                    self._happened(ev.SpeechStarted(self._moment(at_ms)))
                case SpeechPaused(at_ms=at_ms):
                    self._happened(ev.SpeechPaused(self._moment(at_ms)))
                case _:
                    self._feed(what)

    def _keep_until_a_voice_comes(self, samples: Samples) -> None:
        """A recogniser is confused by the silence before a voice. But if none is ever noticed, it
        gets everything: somebody pressed a button, and may only have spoken very quietly."""
        if self._ear.open:
            self._without_voice.clear()
        else:
            self._without_voice.append(samples)

    def _moment(self, at_ms: float) -> float:
        """When the sound at this place of the stream was heard, on the call's clock."""
        return now() - max(self._ear.position_ms - at_ms, 0.0) / 1000
