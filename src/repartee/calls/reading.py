"""Reading ahead: what the model will surely be asked, it may read while somebody still speaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import anyio

from repartee.engines.protocols import Caller, Message, Responder

log = logging.getLogger(__name__)


class Reading:
    """Only the latest counts: whoever asks again knows more."""

    def __init__(self, model: Responder, caller: Caller) -> None:
        self._model = model
        self._caller = caller
        self._under_way = anyio.CancelScope()

    async def read(self, messages: Sequence[Message]) -> None:
        self._under_way.cancel()
        self._under_way = anyio.CancelScope()
        with self._under_way:
            try:
                await self._model.prime(self._caller, messages)
            except Exception:
                log.warning("The language model could not read ahead.", exc_info=True)
