"""Reading ahead: what the model will surely be asked, it may read while somebody still speaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from repartee.engines.protocols import Caller, Message, Responder

log = logging.getLogger(__name__)


class Reading:
    """One thing after the other, and only the latest counts: whoever asks again knows more.

    What is being read is read to its end. Most models can't leave it sooner, and one that is asked
    meanwhile would turn the newer words down, which are the ones that are right.
    """

    def __init__(self, model: Responder, caller: Caller) -> None:
        self._model = model
        self._caller = caller
        self._next: Sequence[Message] | None = None
        self._under_way = False

    async def read(self, messages: Sequence[Message]) -> None:
        self._next = messages
        if self._under_way:
            return
        self._under_way = True
        try:
            while (wish := self._next) is not None:
                self._next = None
                await self._read_now(wish)
        finally:
            self._under_way = False

    def forget(self) -> None:
        """The model is asked for real: nothing more is to be read before."""
        self._next = None

    async def _read_now(self, messages: Sequence[Message]) -> None:
        try:
            await self._model.prime(self._caller, messages)
        except Exception:
            log.warning("The language model could not read ahead.", exc_info=True)
