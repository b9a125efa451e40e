"""Gives up on clients who take nothing of their answer, whatever it is.

Above this nobody can know it: what was written waits here to be taken, and a line that was closed
lasts until all of it is. Whoever reads at any pace that can be called one gets everything.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import TimerHandle
from collections.abc import Iterable
from typing import Any

log = logging.getLogger(__name__)

TAKEN_WITHIN_SECONDS = 120.0
"""Some of what waits. Some answers have less patience of their own."""
_LEAST_BYTES = 65_536
"""So much of it, or all where it is less: one byte now and then is no pace."""
_LOOKS = 2
"""At what was taken, within that time."""


class TimedTransport(asyncio.Transport):
    """Writes to a line that is gone go nowhere, as at any transport but uvloop's."""

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        taken_within_s: float = TAKEN_WITHIN_SECONDS,
    ) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._look_every_s = taken_within_s / _LOOKS
        self._next_look: TimerHandle | None = None
        self._written = 0
        self._seen_taken = 0
        self._seen_waiting = 0

    def __repr__(self) -> str:
        return f"<TimedTransport {self._transport!r}>"

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._transport.is_closing():
            return
        self._written += len(data)
        self._transport.write(data)
        self._watch()

    def writelines(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(pieces))

    def lost(self) -> None:
        """Nothing is there any more that could be taken."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    # ------------------------------------------------------------ what is taken

    def _watch(self) -> None:
        if self._next_look is None:
            self._seen_waiting = 0
            self._next_look = self._loop.call_later(self._look_every_s, self._look)

    def _look(self) -> None:
        """What waited the last time must have moved since; what was written later is new."""
        self._next_look = None
        waiting = self._transport.get_write_buffer_size()
        taken = self._written - waiting
        if taken - self._seen_taken < min(self._seen_waiting, _LEAST_BYTES // _LOOKS):
            log.info("A client no longer takes what it is sent.")
            self._transport.abort()
            return
        self._seen_taken, self._seen_waiting = taken, waiting
        if waiting:
            self._next_look = self._loop.call_later(self._look_every_s, self._look)

    # ------------------------------------------------------------ as it is

    def close(self) -> None:
        """What still waits is looked at as before."""
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        self._transport.write_eof()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()
