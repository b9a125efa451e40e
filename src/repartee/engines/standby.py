"""Whether another engine stands by for the one at work.

Alone, an engine does well to try again and again: late is better than never. Where another one
stands by it is the other way round, and whoever can't be reached says so at once.

An engine does not know the chain that it is in. The chain says it around the work that it starts;
whatever that leads to, in whatever task, can ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_stands_by: ContextVar[bool] = ContextVar("somebody stands by", default=False)


@contextmanager
def standing_by(whether: bool) -> Iterator[None]:
    """Tasks that are begun within this know whether somebody does."""
    token = _stands_by.set(whether)
    try:
        yield
    finally:
        _stands_by.reset(token)


def somebody_stands_by() -> bool:
    return _stands_by.get()
