"""Who learns that one engine went on for another: the call for whose sake it happened.

An engine does not know the calls that it serves. A call says once, around the work that it starts,
who is to be told; whatever that work leads to, in whatever task, finds the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import msgspec

ChainKind = Literal["stt", "llm", "tts"]


class Switch(msgspec.Struct, frozen=True):
    kind: ChainKind
    before: str
    after: str
    why: str
    """A sentence that may be shown to anybody."""


Witness = Callable[[Switch], None]
_witness: ContextVar[Witness | None] = ContextVar("witness of switches", default=None)


@contextmanager
def witnessed(by: Witness) -> Iterator[None]:
    """Tasks that are begun within this tell of their switches."""
    token = _witness.set(by)
    try:
        yield
    finally:
        _witness.reset(token)


def tell(switch: Switch) -> None:
    if (witness := _witness.get()) is not None:
        witness(switch)
