"""Speech to text with Deepgram's Nova models, streamed over a WebSocket while the caller speaks.

Every caller has a connection of their own, kept warm from one turn to the next. One that breaks
in the middle of an utterance is replaced, and everything that was not yet final is said again.
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
from repartee.engines.stt.deepgram_wires import SEVERAL, Nova, spelled

MODEL = "nova-3"
_LANGUAGES = (
    "en bg ca cs da de el es et fi fr hi hu id it ja ko lt lv ms nl no pl pt ro ru sk sv tr uk vi"
).split()


_OF_SEVERAL_LANGUAGES = ("nova-2", "nova-3")
"""What the names of models begin with that hear several at once."""


class Deepgram:
    """`language` is heard whatever a caller speaks; "multi" is any of several, mixed at will."""

    name = "deepgram"
    languages: Sequence[str] = tuple(_LANGUAGES)

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = BASE_URL,
        model: str = MODEL,
        language: str = "",
        timeout: float = TIMEOUT_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._language = language
        self.detects = language in ("", SEVERAL) and model.startswith(_OF_SEVERAL_LANGUAGES)
        self._lines = Lines(deepgram(api_key, base_url, timeout), Nova(model), sleep)

    def __repr__(self) -> str:
        return f"<Deepgram: {self._lines}>"

    async def open(self) -> None:
        await self._lines.try_out(self._usual_language())

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        await self._lines.reach(self._usual_language())

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[DeepgramHearing]:
        return self._lines.hearing(caller, spelled(self._language or language))

    async def close(self) -> None:
        await self._lines.close()

    def _usual_language(self) -> str:
        return spelled(self._language or self.languages[0])
