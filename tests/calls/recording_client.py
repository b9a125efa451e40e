"""A client that keeps all it gets, for tests to look at."""

from __future__ import annotations

from typing import TypeVar

import anyio
import msgspec
import numpy as np

from repartee.calls.clock import now
from repartee.conversation.told import Problem, Told
from repartee.engines.protocols import Samples
from repartee.store.keeper import Receipt


class SoundOf(msgspec.Struct, frozen=True):
    reply: int
    samples: Samples
    text: str | None = None
    """The phrase that begins with it."""


class HushOf(msgspec.Struct, frozen=True):
    reply: int


class HoldOf(msgspec.Struct, frozen=True):
    """What follows is to wait for this."""

    until: Receipt


Got = Told | SoundOf | HushOf | HoldOf
SomeGot = TypeVar("SomeGot", bound=Got)


class RecordingClient:
    """`log` is all that came, with its moment, in order."""

    def __init__(self) -> None:
        self.log: list[tuple[float, Got]] = []
        self._more = anyio.Event()

    def tell(self, what: Told) -> None:
        self._keep(what)

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        self._keep(SoundOf(reply, samples, text))

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._keep(SoundOf(reply, samples, text))

    def hold(self, until: Receipt) -> None:
        self._keep(HoldOf(until))

    def hush(self, reply: int) -> None:
        self._keep(HushOf(reply))

    def _keep(self, what: Got) -> None:
        self.log.append((now(), what))
        self._more.set()
        self._more = anyio.Event()

    def all(self, kind: type[SomeGot]) -> list[SomeGot]:
        return [what for _, what in self.log if isinstance(what, kind)]

    def moments(self, kind: type[Got]) -> list[float]:
        return [at for at, what in self.log if isinstance(what, kind)]

    def order_of(self, *kinds: type[Got]) -> list[type[Got]]:
        """In which order these came, without repetitions."""
        came = [type(what) for _, what in self.log if isinstance(what, kinds)]
        return [kind for at, kind in enumerate(came) if at == 0 or came[at - 1] is not kind]

    def problem_codes(self) -> list[str]:
        return [problem.code for problem in self.all(Problem)]

    def sound_of(self, reply: int) -> Samples:
        pieces = [sound.samples for sound in self.all(SoundOf) if sound.reply == reply]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)

    async def until(self, kind: type[SomeGot], count: int = 1) -> SomeGot:
        """The first of this kind, or the one with this number; waits until it has come."""
        seen = 0
        while True:
            for _, what in self.log[seen:]:
                seen += 1
                if isinstance(what, kind):
                    count -= 1
                    if count == 0:
                        return what
            await self._more.wait()
