"""What many callers share: nobody may have more of it than is left free for the others.

So whoever is alone may have half of it, two may have a third each, and whoever comes next finds
room, however greedy those are who came before. Who is nobody in particular has no share of their
own, and is refused only when all is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from repartee.calls.refusals import LimitReached, TryLater

payer: ContextVar[str] = ContextVar("payer", default="")
"""Whom it is counted for what is done here. Nobody outside of requests and connections, and where
callers are not counted."""

FreeAgain = Callable[[str, int], float]
"""In how many seconds so much will be free again of what this payer has, or, for "", of all."""


class Shares:
    def __init__(self, most: int, what: str, free_again: FreeAgain, unit: int = 1) -> None:
        """`what` is counted, as in "All 200 … are taken", in so large a `unit`."""
        self.most = most
        self._what = what
        self._free_again = free_again
        self._unit = unit
        self._taken: Counter[str] = Counter()
        self._free = most

    def __repr__(self) -> str:
        return f"<Shares, {self._free} of {self.most} {self._what} free>"

    @property
    def taken(self) -> int:
        return self.most - self._free

    def of(self, who: str) -> int:
        """How much of it they have."""
        return self._taken[who]

    def refusal(self, amount: int = 1) -> TryLater | None:
        """What whoever asks would be told, if they could not have so much more."""
        who = payer.get()
        if amount > self._free:
            sentence = f"All {self._said(self.most)} {self._what} are taken."
            return TryLater(sentence, self._free_again("", amount - self._free))
        over = self._taken[who] + amount - self._free
        if who and over > 0:
            had = f"{self._said(self._taken[who])} of {self._said(self.most)}"
            sentence = f"Your share of the {self._what} is taken: {had}."
            # What they give back is theirs no more, and free: that counts twice.
            return LimitReached(sentence, self._free_again(who, -(-over // 2)))
        return None

    def take(self, amount: int = 1) -> str:
        """So much for whoever asks, who has to give it back; the refusal if they can't have it."""
        if (refusal := self.refusal(amount)) is not None:
            raise refusal
        who = payer.get()
        self._taken[who] += amount
        self._free -= amount
        return who

    def give_back(self, who: str, amount: int = 1) -> None:
        self._free += amount
        self._taken[who] -= amount
        if not self._taken[who]:
            del self._taken[who]

    @contextmanager
    def share(self, amount: int = 1) -> Iterator[None]:
        """So much for whoever asks, until this is left."""
        who = self.take(amount)
        try:
            yield
        finally:
            self.give_back(who, amount)

    def _said(self, amount: int) -> str:
        return f"{amount // self._unit:,}"
