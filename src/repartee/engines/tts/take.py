"""One synthesis under way, for everybody who asked for it.

It runs in a task of its own, so that whoever asked first may leave without ending it for the
others. It goes on only when the listener who is furthest along wants more, and stops when nobody
listens any more. The pieces form a chain: each listener holds on to the place he has reached, and
what nobody needs any longer is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from repartee.engines.protocols import Sound

Ended = Callable[[Sequence[Sound] | None], None]
"""Told once: all of the sound, or None if it was given up, has failed or is too large to keep."""


class _Link:
    """A place in the sound; `sound` is the piece that leads here from the place before."""

    __slots__ = ("next", "sound")

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self.next: _Link | None = None


class Take:
    def __init__(
        self, sounds: AsyncGenerator[Sound], most_bytes: int, ended: Ended
    ) -> None:
        self._sounds = sounds
        self._left_bytes = most_bytes
        self._ended = ended
        ...
