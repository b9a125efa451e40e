"""Who speaks what a broker is given: a Kokoro server, or an engine on this machine."""

from __future__ import annotations

from collections.abc import Awaitable
from itertools import count
from typing import Any, Protocol

from repartee.brokers.kokoro import Kokoro
from repartee.brokers.upstream import Upstream
from repartee.calls.desk import Desk
from repartee.calls.single import synthesize
from repartee.engines.protocols import Speech, Synthesizer
from repartee.errors import EngineFailed


class Speaker(Protocol):
    name: str

    @property
    def tts(self) -> Synthesizer: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def ready(self) -> None:
        """Know whose voices these are; an error if that can't be known now."""

    async def check(self) -> None:
        """An error that says what keeps it from working, if anything does."""

    def about(self) -> dict[str, Any]: ...


class KokoroSpeaker:
    def __init__(self, upstream: Upstream, timeout_s: float) -> None:
        self.name = upstream.name
        self.tts = Kokoro(upstream, timeout_s)
        self._upstream = upstream

    async def open(self) -> None:
        await self._upstream.open()

    async def close(self) -> None:
        await self.tts.close()
        await self._upstream.close()

    async def ready(self) -> None:
        await self.tts.ready()

    async def check(self) -> None:
        await self._upstream.check()

    def about(self) -> dict[str, Any]:
        return {
            "engine": "kokoro",
            "model": "kokoro",
            "languages": _languages(self.tts),
            "remote_url": self._upstream.url,
        }


class LocalSpeaker:
    def __init__(self, tts: Synthesizer, model: str | None, usual: Speech, desk: Desk) -> None:
        self.name = f"{tts.name} engine"
        self.tts = tts
        self._model = model
        self._usual = usual
        self._desk = desk
        self._trials = count(1)

    async def open(self) -> None:
        await self.tts.open()

    async def close(self) -> None:
        await self.tts.close()

    async def ready(self) -> None:
        """An engine that is open knows its voices."""

    async def check(self) -> None:
        def speak() -> Awaitable[Any]:
            # Another word each time: what is kept in a cache proves nothing.
            return synthesize(self.tts, str(next(self._trials)), self._usual)

        if not await self._desk.found_working(speak):
            raise EngineFailed(
                f"The {self.name} does not work.", hint="The log of the broker says why."
            )

    def about(self) -> dict[str, Any]:
        return {
            "engine": self.tts.name,
            "model": self._model,
            "languages": _languages(self.tts),
        }


def _languages(tts: Synthesizer) -> list[str]:
    return sorted({voice.language for voice in tts.voices()})
