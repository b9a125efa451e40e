"""Texts that somebody wants to be said at a site, one after the other, as they are.

Nobody asked the model, and nothing of it is remembered. Whoever wanted it is told when it was said,
or that it could not be; if the site begins something else meanwhile, it is given up.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Awaitable, Callable

import anyio
import numpy as np

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.bridges.mqtt.outgoing import error, play_bytes, say_finished
from repartee.bridges.mqtt.parcel import Parcel
from repartee.bridges.mqtt.said import SayAsked
from repartee.calls.failures import sentence_of
from repartee.calls.single import NothingToSpeak
from repartee.engines.protocols import Speech
from repartee.errors import Refused, ReparteeError, TooLarge
from repartee.server.house import House
from repartee.server.persona_speech import speech_with
from repartee.speaking.units import UnitCutter

MOST_WAITING = 16
_LOOK_EVERY_SECONDS = 0.05
_MOST_COURTEOUS_SECONDS = 30.0
"""So long an answer that is being given may come to its end first."""
_DEVICE_SECONDS = 1.0
"""How much later than it could, a device may have played the last sound."""


class Announcer:
    """Of one site, for as long as there is something to say."""

    def __init__(
        self,
        house: House,
        publish: Callable[[Parcel], Awaitable[None]],
        speech: Callable[[], Speech],
        is_busy: Callable[[], bool],
    ) -> None:
        """`speech` is how the site is spoken to; `is_busy` whether it is in a conversation."""
        self._house = house
        self._publish = publish
        self._speech = speech
        self._is_busy = is_busy
        self._waiting: deque[SayAsked] = deque()
        self._given_up: deque[SayAsked] = deque()
        self._saying = anyio.CancelScope()
        self._last = ""
        """The name of the latest sound that was sent."""
        self._last_played = anyio.Event()

    def __repr__(self) -> str:
        return f"<Announcer, {len(self._waiting)} texts wait>"

    def say(self, what: SayAsked) -> None:
        """Never waits; `Refused` when too many do."""
        if len(self._waiting) >= MOST_WAITING:
            raise Refused("Too many texts wait to be said at this site. Try again in a moment.")
        self._waiting.append(what)

    def played(self, name: str) -> None:
        """The device has played this sound."""
        if name == self._last:
            self._last_played.set()

    def give_up(self) -> None:
        """Something else was begun: nothing more of this is to be heard."""
        self._given_up.extend(self._waiting)
        self._waiting.clear()
        self._saying.cancel()

    async def run(self) -> None:
        """Until all is said, or given up."""
        while self._waiting or self._given_up:
            while self._given_up:
                await self._finish(self._given_up.popleft())
            if self._waiting:
                what = self._waiting[0]
                with anyio.CancelScope() as self._saying:
                    await self._say_aloud(what)
                if self._waiting and self._waiting[0] is what:
                    await self._finish(self._waiting.popleft())

    async def _finish(self, what: SayAsked) -> None:
        await self._publish(say_finished(what.site, what.id, what.session))

    async def _say_aloud(self, what: SayAsked) -> None:
        try:
            with anyio.move_on_after(_MOST_COURTEOUS_SECONDS):
                while self._is_busy():
                    await anyio.sleep(_LOOK_EVERY_SECONDS)
            began = anyio.current_time()
            seconds = await self._send_sound_of(what)
        except Exception as failure:
            code = failure.code if isinstance(failure, ReparteeError) else ReparteeError.code
            sentence = sentence_of(failure, "This text could not be said. Try again.")
            await self._publish(error("tts", sentence, code, what.site, what.session))
            return
        with anyio.move_on_at(began + seconds + _DEVICE_SECONDS):
            await self._last_played.wait()

    async def _send_sound_of(self, what: SayAsked) -> float:
        """Phrase by phrase, so that a long text is soon begun; how many seconds it takes."""
        if len(what.text) > (most := self._house.settings.max_text_chars):
            sentence = f"The text has {len(what.text)} characters; at most {most} are said."
            raise TooLarge(sentence, hint="Send it in parts.")
        await self._house.limits.spend("requests")
        await self._house.limits.spend("characters", len(what.text))
        speech = speech_with(self._speech(), None, what.language, None)
        cutter = UnitCutter()
        seconds = 0.0
        for unit in (*cutter.feed(what.text), *cutter.finish()):
            try:
                spoken = await self._house.errands.synthesize(unit, speech)
            except NothingToSpeak:
                continue  # a smiley between two sentences
            self._last, self._last_played = str(uuid.uuid4()), anyio.Event()
            samples = _at_volume(what.volume, spoken.sound.samples)
            await self._publish(play_bytes(what.site, self._last, samples))
            seconds += len(samples) / SPEAKING_RATE_HZ
        if not seconds:
            raise NothingToSpeak
        return seconds


def _at_volume(volume: float, samples: Samples) -> Samples:
    return samples if volume == 1.0 else (samples * volume).astype(np.int16)
