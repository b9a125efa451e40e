"""The sound of one reply on its way to the listener.

A paced reply leaves in small frames, in time with its playback and a little ahead of it, so that
a barge-in has little to take back. Any other leaves phrase by phrase, as soon as each is there,
and the listener's own player queues them. Either way the playout clock knows how far the
listener has heard, and the score to which word that is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from repartee.audio.levels import Gain
from repartee.audio.pcm import SPEAKING_RATE_HZ
from repartee.calls.client import Client
from repartee.calls.clock import now
from repartee.conversation import events as ev
from repartee.engines.protocols import Samples, WordTime
from repartee.observe.timeline import Timeline
from repartee.speaking.playout import Playout, Score, SpokenUnit

FRAME_MS = 40
DUCKED_GAIN = 0.2
_PER_MS = SPEAKING_RATE_HZ // 1000
_FRAME = FRAME_MS * _PER_MS
_MOST_HELD = 30_000 * _PER_MS
"""Synthesis waits while this much sound waits to be heard."""
_AT_ONCE_MS = 10_000_000


class Playback:
    def __init__(
        self,
        reply: int,
        paced: bool,
        client: Client,
        happened: Callable[[ev.Event], None],
        timeline: Timeline,
        lead_ms: int,
    ) -> None:
        self.reply = reply
        self._timeline = timeline
        self._paced = paced
        self._client = client
        self._happened = happened
        self._score = Score()
        self._reported = False
        self._playout = Playout(lead_ms=lead_ms if self._paced else _AT_ONCE_MS, frame_ms=FRAME_MS)
        self._gain = Gain(SPEAKING_RATE_HZ)
        self._held: deque[tuple[str | None, Samples]] = deque()
        """Sound, and the phrase that begins with it: empty for none of the reply's, None in the
        midst of one."""
        self._held_samples = 0
        self._sent_samples = 0
        self._first_samples = 0
        self._voiced = False
        self._unit: list[Samples] = []
        self._unit_text: str | None = None
        self._unit_began_at = 0.0
        self._units = 0
        self._finished = False
        self._released = False
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Playback of reply {self.reply}: {self._held_samples // _PER_MS} ms held>"

    @property
    def begun(self) -> bool:
        """Some of it is on its way to the listener; what is said first is none of it."""
        return self._sent_samples > self._first_samples

    # ------------------------------------------------------------ filled by the synthesiser

    def begin_unit(self, text: str, spoken: str) -> None:
        self._unit_began_at = now()
        self._timeline.voicing(self.reply, self._unit_began_at)
        self._score.begin(self._units, text, spoken)
        self._unit, self._unit_text = [], text.strip() or None

    async def add(self, samples: Samples) -> None:
        """Take sound; waits only while far more is held than anyone can hear soon."""
        while self._paced and self._held_samples > _MOST_HELD:
            await asyncio.sleep(FRAME_MS / 1000)
        self._score.extend(self._units, len(samples) / _PER_MS)
        if self._paced:
            self._hold(samples)
        else:
            self._unit.append(samples)

    def end_unit(self, words: Sequence[WordTime]) -> None:
        self._score.finish(self._units, words)
        moment = now()
        self._timeline.unit_took(self.reply, moment - self._unit_began_at, moment)
        self._units += 1
        if self._unit:
            self._hold(np.concatenate(self._unit))
            self._unit = []

    def say_first(self, samples: Samples) -> None:
        """Let this be heard before the reply's own sound, unless that is there already. It takes
        its time, and none of the words."""
        whole_ms = len(samples) // _PER_MS
        if whole_ms and not (self._voiced or self._first_samples):
            self._first_samples = whole_ms * _PER_MS
            self._score.add(SpokenUnit(-1, "", whole_ms, ()))
            self._queue("", samples[: self._first_samples])

    def finish(self) -> None:
        """No more sound will come."""
        self._finished = True
        self._changed.set()

    def _hold(self, samples: Samples) -> None:
        self._timeline.voiced(self.reply, now())
        if not self._voiced:
            self._voiced = True
            self._happened(ev.Voiced(self.reply))
        text, self._unit_text = self._unit_text, None  # it goes with the first of its sound
        self._queue(text, samples)

    def _queue(self, text: str | None, samples: Samples) -> None:
        self._held.append((text, samples))
        self._held_samples += len(samples)
        self._changed.set()

    # ------------------------------------------------------------ steered by the conversation

    def play(self) -> None:
        self._released = True
        self._changed.set()

    def stop(self) -> None:
        """Nothing leaves any more: a task that is cancelled may have one more step before it."""
        self._released = False

    def duck(self) -> None:
        self._gain.ramp_to(DUCKED_GAIN)

    def restore(self) -> None:
        self._gain.ramp_to(1.0)

    def listener_reports(self, played_ms: int) -> None:
        own_ms = played_ms - self._first_samples / _PER_MS
        if own_ms > 0:
            self._timeline.played(self.reply, now() - own_ms / 1000)
        self._reported = True
        self._playout.reported(played_ms, now())

    def progress(self) -> ev.Played:
        """How far the listener has heard by now."""
        heard_ms = self._playout.played_ms(now())
        heard = self._score.heard(heard_ms)
        return ev.Played(self.reply, int(heard_ms), heard, self._reported)

    # ------------------------------------------------------------ sent to the listener

    async def run(self) -> None:
        """Send it all, in time; ends when the listener has heard the last of it."""
        while not self._released or self._held or not self._finished:
            self._changed.clear()
            wake_at = self._send_what_is_due() if self._released else None
            if self._held or not self._finished or not self._released:
                await self._change_or(wake_at)
        self._happened(ev.AllSent(self.reply))
        while (remaining_ms := self._playout.sent_ms - self._playout.played_ms(now())) > 0:
            await asyncio.sleep(remaining_ms / 1000)
        self._happened(ev.PlaybackEnded(self.reply))

    def _send_what_is_due(self) -> float | None:
        """Send what may leave now, and say when the next frame may."""
        moment = now()
        while self._held and self._playout.due(moment) >= FRAME_MS:
            self._send_next(moment)
            if self.begun:
                self._timeline.sent(self.reply, moment)
        return self._playout.next_due(moment) if self._held else None

    def _send_next(self, moment: float) -> None:
        text, samples = self._held.popleft()
        if self._paced:
            samples, rest = samples[:_FRAME], samples[_FRAME:]
            if len(rest):
                self._held.appendleft((None, rest))
            self._client.sound(self.reply, self._gain.apply(samples), text)
        else:
            self._client.unit(self.reply, text or "", samples)
        self._held_samples -= len(samples)
        self._sent_samples += len(samples)
        self._playout.sent(self._sent_samples // _PER_MS - self._playout.sent_ms, moment)

    async def _change_or(self, wake_at: float | None) -> None:
        if wake_at is None:
            await self._changed.wait()
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(max(wake_at - now(), 0.001), self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()
