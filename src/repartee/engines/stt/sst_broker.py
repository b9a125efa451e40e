"""Speech to text by an STT broker: in front of a whisper.cpp server, or with an engine of its own.

It is asked as whisper.cpp is. One that is down when the server starts keeps nobody from starting:
every turn asks it again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.engines.protocols import Caller, Hearing
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import NotThere
from repartee.engines.stt.whisper_answer import LANGUAGES
from repartee.engines.stt.whisper_inference import address, listening
from repartee.errors import EngineError

log = logging.getLogger(__name__)

BASE_URL = "http://127.0.0.1:9082"
_HEALTH = Request("/healthz", method="GET")
_MOST_HEALTH_BYTES = 64 << 10


class SstBroker:
    name = "sst-broker"
    languages: Sequence[str] = LANGUAGES

    def __init__(self, *, base_url: str = BASE_URL, patience: Patience = USUAL) -> None:
        self._service = Service(address(base_url, "SST_BROKER_URL"), patience)

    def __repr__(self) -> str:
        return f"<SstBroker {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()
        try:
            await self._service.fetch(_HEALTH, _MOST_HEALTH_BYTES)
        except NotThere:
            pass  # another kind of broker: it says nothing of its health
        except EngineError as failure:
            log.warning("The STT broker does not work yet. %s", failure)

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return listening(self._service, language)

    async def close(self) -> None:
        await self._service.close()
