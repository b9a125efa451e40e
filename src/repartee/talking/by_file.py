"""Talking with a recording instead of a microphone, and into a file instead of a loudspeaker."""

from __future__ import annotations

import asyncio

from repartee.audio.pcm import Samples, pcm_bytes
from repartee.errors import ReparteeError
from repartee.talking.dialogue import Dialogue
from repartee.talking.line import Line, State
from repartee.talking.playout import Playout
from repartee.talking.tape import FRAME_SECONDS, Tape
from repartee.talking.terminal import Terminal
from repartee.talking.wire import Said

FAST = 8.0
QUIET_SECONDS = 3.0
"""When nothing has happened for so long after the recording, nothing will."""
PATIENCE_SECONDS = 60.0
"""A reply of which nothing has been heard for so long will not come."""


async def talk_by_file(url: str, recording: Samples, *, fast: bool = False, key: str = "") -> bytes:
    """Speak this recording (16 kHz), and give out what both sides said as a WAV file."""
    talk = _Talk(url, recording, key)
    calling = asyncio.create_task(talk.line.run())
    speaking = asyncio.create_task(talk.speak(FAST if fast else 1.0))
    try:
        await asyncio.wait([calling, speaking], return_when=asyncio.FIRST_COMPLETED)
        if not speaking.done():
            await calling  # it ends with an error only
        return await speaking
    finally:
        calling.cancel()
        speaking.cancel()
        await asyncio.wait([calling, speaking])
        talk.show()


class _Talk:
    def __init__(self, url: str, recording: Samples, key: str) -> None:
        self._playout = Playout()
        self._tape = Tape(recording, self._playout)
        self._dialogue = Dialogue(self._playout)
        self._terminal = Terminal()
        self._connected = asyncio.Event()
        self._heard_at = 0.0
        self.line = Line(url, self._told, self._became, key=key, comes_back=False)

    async def speak(self, speed: float) -> bytes:
        """The recording, and then silence until all has been answered.

        Up to a reply the recording may be spoken faster; a reply is heard in its own time.
        """
        await self._connected.wait()
        due = busy_at = _now()
        while (now := _now()) - busy_at < QUIET_SECONDS:
            if not self._tape.over or self._dialogue.pending:
                busy_at = now
                self._check_patience(now)
            hurried = not (self._tape.over or self._dialogue.answering)
            due += FRAME_SECONDS / (speed if hurried else 1.0)
            await asyncio.sleep(max(due - now, 0.0))
            await self._step()
        return self._tape.wav()

    def show(self) -> None:
        self._terminal.show(self._dialogue.said(), self._dialogue.being_said())

    async def _step(self) -> None:
        pcm = pcm_bytes(self._tape.step())
        while not self.line.send_sound(pcm):
            await asyncio.sleep(FRAME_SECONDS)
        for message in self._dialogue.tick(_now()):
            self.line.send(message)
        self.show()

    def _check_patience(self, now: float) -> None:
        if not self._tape.over or self._playout.busy:
            self._heard_at = now
        elif now - self._heard_at > PATIENCE_SECONDS:
            raise ReparteeError(
                f"Nothing has come from the server for {PATIENCE_SECONDS:.0f} seconds.",
                hint="Its log may say why.",
            )

    def _told(self, message: Said) -> None:
        self._heard_at = _now()
        self._dialogue.told(message)

    def _became(self, state: State) -> None:
        if state == "open":
            self._connected.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
