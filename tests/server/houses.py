"""Two kinds of house in which the voice interface is tried, with the same expectations.

In one the engines are scripted and work in the server's own process. In the other they are
brokers, with servers of whisper.cpp and Kokoro behind them: every recording and every text goes
over two connections, there and back. Trouble comes from where the work is done, so each kind of
house makes its own, and knows who is to be blamed for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Literal, Protocol

import msgspec

from repartee.engines.build import Engines
from repartee.engines.protocols import Responder
from repartee.engines.stt.scripted import TRANSCRIPTS

CACHE_BYTES = 1 << 20


class Woe(Enum):
    """What happens to an engine once; afterwards it works."""

    UNREACHABLE = "it is gone, for good"
    TOO_SLOW = "it has taken too long"
    NONSENSE = "it answers something else"
    BREAKS_OFF = "it begins to answer, and does not come to the end"
    BUSY = "it has too much to do"
    FAULT = "it breaks, and says more than it should"
    HANGS = "it never answers"


STATUS = {
    Woe.UNREACHABLE: 503,
    Woe.TOO_SLOW: 504,
    Woe.NONSENSE: 502,
    Woe.BREAKS_OFF: 502,
    Woe.BUSY: 503,
}


class Cast(msgspec.Struct, frozen=True):
    """What the engines are to do."""

    hears: Sequence[str] = TRANSCRIPTS[:1]
    by_tone: bool = False
    """The tone of the sound says which of these is heard; otherwise it is the first."""
    sure: float = 0.95
    llm: Responder | None = None
    ear: Woe | None = None
    voice: Woe | None = None
    texts_before: int = 0
    """So many texts are spoken before that happens to the voice."""
    cached: bool = False


class Houses(Protocol):
    stt: str
    tts: str
    """What the engines are called."""
    heard_by: str
    """Who is said to have heard."""
    fault_status: int

    def engines(self, cast: Cast) -> AbstractAsyncContextManager[Engines]: ...
    def seconds(self, text: str) -> float:
        """How long the voice takes for this text."""

    def blames(self, woe: Woe, whom: Literal["ear", "voice"]) -> str:
        """What is told of it, as a pattern."""

    async def until_voice_hangs(self) -> None: ...
    async def until_voice_is_left(self) -> None: ...
