"""A line to a real call, for tests: somebody speaks into it, and a client keeps what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
from anyio.abc import TaskStatus

from repartee.calls.call import Call
from repartee.calls.options import CallOptions
from repartee.conversation import Rules
from repartee.engines.build import Engines
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Recognizer, Responder, Synthesizer
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.store.keeper import Receipt
from repartee.store.protocol import Session, StoredTurn
from tests.calls.recording_client import RecordingClient, SoundOf

WINDOW_MS = 32
VOICE, QUIET = 8_000, 0
"""Levels of sound: the scripted detector takes loud for speech."""

CAREFUL = CallOptions(rules=Rules(speculate=False))
"""No reply is begun before the turn is over: a failure is never that of a mere attempt."""


def pcm(level: int, ms: int, rate_hz: int = 16_000) -> bytes:
    return np.full(rate_hz * ms // 1000, level, np.int16).tobytes()


def scripted(
    *,
    stt: Recognizer | None = None,
    llm: Responder | None = None,
    tts: Synthesizer | None = None,
) -> Engines:
    """Engines that answer without delay, but for those that are given."""
    return Engines(
        voice=ScriptedDetector(),
        stt=stt or ScriptedRecognizer(),
        llm=llm or ScriptedResponder(),
        tts=tts or ScriptedSynthesizer(),
    )


class Notebook:
    """In the place of a keeper: takes down every turn, at once and for good, or loses it."""

    def __init__(self, *, keeps: bool = True, kept: Receipt | None = None) -> None:
        """`kept` is done when the turns are durable; without it they are at once."""
        self._kept = kept
        self.turns: list[StoredTurn] = []
        self._keeps = keeps

    def session_began(self, session: Session) -> None:
        """Sessions are not what is looked at here."""

    def session_ended(self, session_id: str, ended_at: float) -> None:
        """Nor how they end."""

    async def until_elsewhere(self, session_id: str) -> None:
        """There is no other server."""
        await anyio.sleep_forever()

    async def flush(self, within_seconds: float) -> None:
        """Nothing waits here."""

    def keep(self, turn: StoredTurn) -> Receipt:
        if self._kept is not None:
            self.turns.append(turn)
            return self._kept
        receipt: Receipt = asyncio.get_running_loop().create_future()
        receipt.set_result(self._keeps)
        if self._keeps:
            self.turns.append(turn)
        return receipt


class Line:
    def __init__(self, call: Call, client: RecordingClient, notebook: Notebook) -> None:
        self.call = call
        self.client = client
        self.notebook = notebook
        self.scope = anyio.CancelScope()
        self.over = anyio.Event()

    async def speak(self, ms: int) -> None:
        await self._send(VOICE, ms)

    async def be_quiet(self, ms: int) -> None:
        await self._send(QUIET, ms)

    async def _send(self, level: int, ms: int) -> None:
        """As a microphone does: window by window, as time goes by."""
        for _ in range(0, ms, WINDOW_MS):
            await anyio.sleep(WINDOW_MS / 1000)
            self.call.hear(pcm(level, WINDOW_MS))

    async def ask_aloud(self) -> None:
        """A question, and silence that ends it."""
        await self.speak(1_200)
        await self.be_quiet(1_500)

    async def ask_until_it_is_heard(self) -> None:
        """The reply that follows is being heard when this returns."""
        await self.speak(1_200)
        while not self.client.all(SoundOf):
            await self.be_quiet(32)

    async def hang_up(self) -> None:
        self.scope.cancel()
        await self.over.wait()

    async def live(self, *, task_status: TaskStatus[None]) -> None:
        try:
            with self.scope:
                await self.call.run(task_status=task_status)
        finally:
            self.over.set()


@asynccontextmanager
async def on_the_line(
    engines: Engines | None = None,
    options: CallOptions | None = None,
    *,
    name: str = "00000000-0000-4000-8000-000000000001",
    notebook: Notebook | None = None,
) -> AsyncIterator[Line]:
    """A live call, until this is left."""
    client, notebook = RecordingClient(), notebook or Notebook()
    keeper: Any = notebook
    call = Call(name, engines or scripted(), keeper, client, options or CallOptions())
    line = Line(call, client, notebook)
    async with anyio.create_task_group() as tasks:
        await tasks.start(line.live)
        yield line
        await line.hang_up()
