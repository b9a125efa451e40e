"""Speech to text by a server of whisper.cpp.

Such a server does one thing at a time, and stops when its connection is closed. While it loads a
model, most of its builds answer whatever they are asked as if nothing were there.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress

from repartee.engines.protocols import Caller, Hearing
from repartee.engines.remote.address import Address
from repartee.engines.remote.lookout import Lookout
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, form_request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import (
    FILE_NOT_FOUND,
    Complaint,
    NotThere,
    Passing,
    refuse_web_page,
    trouble,
)
from repartee.engines.stt.whisper_inference import INFERENCE, address, listening
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code
from repartee.errors import EngineBusy, EngineNonsense, ReparteeError

BASE_URL = "http://localhost:8082"
_HEALTH = Request("/health", method="GET")
_MOST_HEALTH_BYTES = 64 << 10


class WhisperCpp:
    name = "whispercpp"
    languages: Sequence[str] = LANGUAGES
    detects = True

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        timeout_s: float | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`timeout_s` is how long a recording may take, if that is not left to the patience."""
        self._service = Service(
            address(base_url, "REMOTE_SST_URL"), patience.waiting(timeout_s), whisper_trouble
        )
        self._lookout = Lookout(f"{self.name} engine", self._look, patience)

    def __repr__(self) -> str:
        return f"<WhisperCpp {self._service!r}>"

    @property
    def ready(self) -> bool:
        """Whether its server works, as far as is known."""
        return self._lookout.ready

    async def open(self) -> None:
        await self._service.open()
        await self._lookout.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return listening(self._service, language_code(language), self._lookout)

    async def close(self) -> None:
        await self._lookout.close()
        await self._service.close()

    async def _look(self) -> None:
        try:
            health = await self._service.fetch(_HEALTH, _MOST_HEALTH_BYTES)
        except (EngineBusy, NotThere):
            # It is loading its model, or is too old for this question. One that listens declines
            # a form without a recording; one that does not complains as before.
            nothing = form_request(INFERENCE, {"response_format": "json"})
            with suppress(Declined):
                await self._service.fetch(nothing, _MOST_HEALTH_BYTES)
        else:
            refuse_web_page(health, self._service.address)


class Declined(EngineNonsense):
    """The server listens, but can't use this form."""


def whisper_trouble(what: Complaint, address: Address) -> Passing | ReparteeError:
    """What such a server means by the few statuses that it has."""
    usual = trouble(what, address)
    if what.status == 400:
        return Declined(str(usual))
    if what.status == 404 and FILE_NOT_FOUND in what.words:
        return Passing(
            EngineBusy(
                f"The whisper.cpp server at {address.name} is still loading its model. "
                "Try again in a moment.",
                hint=f"If that goes on, check {address.url_setting}.",
            )
        )
    return usual
