"""Speech to text by a server of whisper.cpp.

Such a server does one thing at a time, and stops when its connection is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.engines.protocols import Caller, Hearing
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.service import Service
from repartee.engines.stt.whisper_answer import LANGUAGES
from repartee.engines.stt.whisper_inference import address, listening

BASE_URL = "http://127.0.0.1:8080"


class WhisperCpp:
    name = "whispercpp"
    languages: Sequence[str] = LANGUAGES

    def __init__(self, *, base_url: str = BASE_URL, patience: Patience = USUAL) -> None:
        self._service = Service(address(base_url, "REMOTE_SST_URL"), patience)

    def __repr__(self) -> str:
        return f"<WhisperCpp {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return listening(self._service, language)

    async def close(self) -> None:
        await self._service.close()
