"""Speech to text with Deepgram's Flux models, streamed over a WebSocket while the caller speaks.

Flux also judges when a turn is over. The conversation does that itself, with what it knows of the
reply and the pause, so Flux is told to leave it, and each turn has a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.engines.deepgram import BASE_URL, TIMEOUT_S, deepgram
from repartee.engines.live import Sleep
from repartee.engines.protocols import Caller
from repartee.engines.stt.deepgram_hearing import DeepgramHearing
from repartee.engines.stt.deepgram_line import Lines
from repartee.engines.stt.deepgram_wires import Flux, spelled

MODEL = "flux-general-en"
MULTILINGUAL = "-multi"


class DeepgramFlux:
    name = "deepgram-flux"

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = BASE_URL,
        model: str = MODEL,
        timeout: float = TIMEOUT_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        multilingual = model.endswith(MULTILINGUAL)
        self.languages: Sequence[str] = (
            tuple("en de es fr hi it ja nl pt ru".split()) if multilingual else ("en",)
        )
        self.detects = multilingual
        wire = Flux(model, hints=multilingual)
        self._lines = Lines(deepgram(api_key, base_url, timeout), wire, sleep)

    def __repr__(self) -> str:
        return f"<DeepgramFlux: {self._lines}>"

    async def open(self) -> None:
        await self._lines.try_out(self.languages[0])

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[DeepgramHearing]:
        return self._lines.hearing(caller, spelled(language))

    async def close(self) -> None:
        await self._lines.close()
