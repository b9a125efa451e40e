"""Whoever is at the other end of a call, as the call sees them."""

from __future__ import annotations

from typing import Protocol

from repartee.conversation.told import Told
from repartee.engines.protocols import Samples
from repartee.store.keeper import Receipt


class Client(Protocol):
    """None of these waits: what can't leave at once is queued, within bounds."""

    def tell(self, what: Told) -> None: ...

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        """A little of a paced reply, in time with its playback; `text` is the phrase that begins
        with it: empty for one that is none of the reply's words, None in the midst of one."""

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        """A whole phrase of any other reply."""

    def hold(self, until: Receipt) -> None:
        """What follows leaves only when this is done, or a moment later: a turn that was cut off
        is kept before that is told, unless the database is slow."""

    def hush(self, reply: int) -> None:
        """Forget what is queued of this reply and has not left yet."""
