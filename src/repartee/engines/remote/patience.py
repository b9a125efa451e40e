"""How long a server elsewhere is waited for, and how often it is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec


class Patience(msgspec.Struct, frozen=True):
    connect_s: float = 3.0
    first_byte_s: float = 15.0
    """From the request to the first byte of the answer itself; a model may have to be loaded."""
    between_s: float = 10.0
    """From one byte to the next."""
    tries: int = 3
    pause_s: float = 0.15
    """Before the second try; before every further one twice as long."""
    longest_pause_s: float = 1.0
    """A server that wants to be left alone for longer is not asked again."""
    look_s: float = 5.0
    """For a look at whether it works."""
    look_every_s: float = 15.0
    """Between two looks at one that works."""
    look_again_s: float = 3.0
    """Between two looks at one that does not."""

    def pauses(self) -> Iterator[float]:
        """The pauses between all the tries."""
        for number in range(self.tries - 1):
            yield min(self.pause_s * 2**number, self.longest_pause_s)

    def waiting(self, seconds: float | None) -> Self:
        """The same, but waiting so long for whatever is to come; None changes nothing."""
        if seconds is None:
            return self
        return msgspec.structs.replace(self, first_byte_s=seconds, between_s=seconds)


USUAL = Patience()
