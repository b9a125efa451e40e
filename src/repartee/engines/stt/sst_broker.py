"""Speech to text by an STT broker: in front of a whisper.cpp server, or with an engine of its own.

It is asked as whisper.cpp is. Which languages it understands, and who it is that hears, it says
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from repartee.engines.protocols import Caller, Hearing
from repartee.engines.remote.broker import BrokerInfo, broker_info, broker_trouble, check_health
from repartee.engines.remote.lookout import Lookout
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.service import Service
from repartee.engines.stt.whisper_inference import address, listening
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code

BASE_URL = "http://localhost:9082"


class SstBroker:
    name = "sst-broker"
    detects = True

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        key: str = "",
        timeout_s: float | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`timeout_s` is how long a recording may take, if that is not left to the patience."""
        place = address(base_url, "SST_BROKER_URL", key=key, key_setting="SST_BROKER_KEYS")
        self._service = Service(place, patience.waiting(timeout_s), broker_trouble)
        self._lookout = Lookout("STT broker", self._look, patience)
        self._info = BrokerInfo()
        self.languages: Sequence[str] = LANGUAGES

    def __repr__(self) -> str:
        return f"<SstBroker {self._service!r}>"

    @property
    def ready(self) -> bool:
        """Whether it works, and what is behind it, as far as is known."""
        return self._lookout.ready

    @property
    def model(self) -> str:
        """What really hears behind the broker; empty if it does not say."""
        return self._info.heard_by

    async def open(self) -> None:
        await self._service.open()
        await self._lookout.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return listening(self._service, language_code(language, self.languages), self._lookout)

    async def close(self) -> None:
        await self._lookout.close()
        await self._service.close()

    async def _look(self) -> None:
        await check_health(self._service)
        self._info = await broker_info(self._service)
        self.languages = self._info.languages or LANGUAGES
