"""Whoever is at the other end of a call, as the call sees them."""

from __future__ import annotations

from typing import Protocol

from repartee.conversation.told import Told
from repartee.engines.protocols import Samples

SPEAKING_RATE_HZ = 24_000
"""The rate at which every reply is spoken."""


class Client(Protocol):
    """None of these waits: what can't leave at once is queued, within bounds."""

    def tell(self, what: Told) -> None: ...

    def sound(self, reply: int, samples: Samples) -> None:
        """A little of a spoken reply, in time with its playback."""

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        """A whole phrase of a typed reply."""

    def hush(self, reply: int) -> None:
        """Forget what is queued of this reply and has not left yet."""
