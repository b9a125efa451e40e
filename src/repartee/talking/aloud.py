"""Talking with the microphone, the loudspeaker and the keyboard, until somebody leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from repartee.audio.pcm import Samples, pcm_bytes
from repartee.errors import ReparteeError
from repartee.talking import devices, terminal
from repartee.talking.dialogue import Dialogue
from repartee.talking.keyboard import Keyboard, Typed, Wish
from repartee.talking.line import Line, State
from repartee.talking.playout import Playout
from repartee.talking.terminal import Terminal

_TICK_SECONDS = 0.05


async def talk_aloud(url: str, choice: devices.Choice, key: str = "") -> None:
    talk = Talk(url, key)
    with (
        devices.opened(choice, talk.hear, talk.playout.take) as opened,
        terminal.keys(talk.press) as has_keys,
    ):
        await talk.run(opened, has_keys)


class Talk:
    def __init__(self, url: str, key: str = "") -> None:
        self.playout = Playout()
        self._dialogue = Dialogue(self.playout)
        self._line = Line(url, self._dialogue.told, self._became, key=key)
        self._keyboard = Keyboard()
        self._terminal = Terminal()
        self._state: State = "connecting"
        self._muted = False
        self._left = asyncio.Event()

    # ------------------------------------------------------------ what happens here

    def hear(self, samples: Samples) -> None:
        if not self._muted:
            self._line.send_sound(pcm_bytes(samples))

    def press(self, keys: str) -> None:
        self._do(self._keyboard.press(keys, _now()))

    def _do(self, wishes: Sequence[Wish]) -> None:
        for wish in wishes:
            match wish:
                case Typed(text=text) if self._state == "open":
                    self._line.send(self._dialogue.typed(text))
                case Typed():
                    self._dialogue.note("There is no connection just now; nothing was sent.")
                case "interrupt":
                    self._send(self._dialogue.interrupt())
                case "mute":
                    self._muted = not self._muted
                case "leave":
                    self._left.set()

    def _became(self, state: State) -> None:
        if self._state == "open":
            self._dialogue.lost()
            self._dialogue.note("The connection was lost. What was said is forgotten with it.")
        self._state = state

    # ------------------------------------------------------------ the whole of it

    async def run(self, opened: devices.Opened, has_keys: bool) -> None:
        working = [
            asyncio.create_task(work)
            for work in (
                self._line.run(),
                self._tick(opened.speaker_late_ms, has_keys),
                _until_gone(opened.gone),
                self._left.wait(),
            )
        ]
        try:
            done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in working:
                task.cancel()
            await asyncio.wait(working)
            self._terminal.show(self._dialogue.said())

    async def _tick(self, late_ms: float, has_keys: bool) -> None:
        while True:
            self._do(self._keyboard.wake(_now()))
            self._send(self._dialogue.tick(_now(), late_ms))
            self._terminal.show(
                self._dialogue.said(), self._dialogue.being_said(), self._status(has_keys)
            )
            await asyncio.sleep(_TICK_SECONDS)

    def _send(self, messages: Sequence[str]) -> None:
        for message in messages:
            self._line.send(message)

    def _status(self, has_keys: bool) -> str:
        if self._keyboard.line:
            return f"› {self._keyboard.line}▏"
        if self._state != "open":
            return "connecting …" if self._state == "connecting" else "waiting for the server …"
        if not has_keys:
            return "listening · Ctrl+C leaves"
        if self._muted:
            return "muted · m to be heard again · q leaves"
        if self._dialogue.answering:
            return "space interrupts · m mutes · q leaves"
        return "listening · m mutes · q leaves · or type a line"


async def _until_gone(gone: asyncio.Event) -> None:
    await gone.wait()
    raise ReparteeError("The microphone or the loudspeaker has been taken away.")


def _now() -> float:
    return asyncio.get_running_loop().time()
