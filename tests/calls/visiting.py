"""Visitors of a house for tests: what they ask, and all that comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, TypeVar

import numpy as np

from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.calls.shares import payer
from repartee.calls.turn_places import TurnPlace, TurnPlaces
from repartee.calls.uploads import Upload
from repartee.calls.visitors import Visitors
from repartee.calls.visits import Part, Phrase, Visitor
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.build import Engines
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from tests.calls.line import QUIET, VOICE, Notebook, scripted

SomePart = TypeVar("SomePart", bound=Part)


def said(ms: int = 1_200) -> Samples:
    """A recording in which somebody speaks for so long, and is silent for a while."""
    per_ms = LISTENING_RATE_HZ // 1000
    return np.repeat(np.array([VOICE, QUIET], np.int16), [ms * per_ms, 300 * per_ms])


@asynccontextmanager
async def open_to_visitors(
    engines: Engines | None = None,
    options: CallOptions | None = None,
    notebook: Notebook | None = None,
    places: TurnPlaces | None = None,
) -> AsyncIterator[Visitors]:
    """With room for everybody, unless there are only these places."""
    keeper: Any = notebook or Notebook()
    places = places or TurnPlaces(at_once=100)
    visitors = Visitors(engines or scripted(), keeper, options or CallOptions(), places)
    try:
        yield visitors
    finally:
        await visitors.close()


@contextmanager
def paid_by(who: str) -> Iterator[None]:
    """What is done here is counted for them."""
    before = payer.set(who)
    try:
        yield
    finally:
        payer.reset(before)


class Answer:
    """`parts` are all that came, `moments` when."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.moments: list[float] = []

    def all(self, kind: type[SomePart]) -> list[SomePart]:
        return [part for part in self.parts if isinstance(part, kind)]

    def first_at(self, kind: type[Part]) -> float:
        return next(
            at for at, part in zip(self.moments, self.parts, strict=True) if isinstance(part, kind)
        )

    @property
    def text(self) -> str:
        """Of a complete answer."""
        (completed,) = self.all(told.ReplyCompleted)
        return completed.text

    @property
    def heard(self) -> str:
        (final,) = self.all(told.UserFinal)
        return final.text

    @property
    def spoken(self) -> str:
        return " ".join(phrase.text for phrase in self.all(Phrase))

    @property
    def was_cut_off(self) -> bool:
        return bool(self.all(told.ReplyInterrupted)) and not self.all(told.ReplyCompleted)


async def answer_to(
    visitor: Visitor,
    begin: Callable[[Call], None],
    *,
    patiently: bool = False,
    place: TurnPlace | None = None,
    until: type[Part] | None = None,
) -> Answer:
    """All that comes of it, or what comes until something of this kind does; then it is left."""
    answer = Answer()
    async with aclosing(visitor.ask(begin, patiently=patiently, place=place)) as parts:
        async for part in parts:
            answer.parts.append(part)
            answer.moments.append(now())
            if until is not None and isinstance(part, until):
                break
    return answer


def typed(text: str) -> Callable[[Call], None]:
    return lambda call: call.happened(ev.Typed(text))


def spoken(visitor: Visitor, samples: Samples | None = None) -> Callable[[Call], None]:
    return Upload(visitor, said() if samples is None else samples).answer


def order_of(parts: Sequence[Part], *kinds: type[Part]) -> list[type[Part]]:
    """In which order these came, without repetitions."""
    came = [type(part) for part in parts if isinstance(part, kinds)]
    return [kind for at, kind in enumerate(came) if at == 0 or came[at - 1] is not kind]
