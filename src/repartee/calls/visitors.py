"""All conversations whose clients come and go. Those who stay away are forgotten, and when there
are too many, first of all those of whoever has most of them."""

from __future__ import annotations

from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.calls.refusals import LimitReached
from repartee.calls.shares import Shares, payer
from repartee.calls.turn_places import TurnPlaces
from repartee.calls.visits import Visitor
from repartee.conversation import events as ev
from repartee.engines.build import Engines
from repartee.observe.logs import call_id
from repartee.store.keeper import Keeper

MOST_VISITORS = 1_000
FORGOTTEN_AFTER_SECONDS = 1_800.0
_ANSWERED_SECONDS = 10.0
"""Nobody knows when an answer that is being given will have come to its end."""


class Visitors:
    """By the name that their clients know them under."""

    def __init__(
        self, engines: Engines, keeper: Keeper, options: CallOptions, places: TurnPlaces
    ) -> None:
        self._engines = engines
        self._keeper = keeper
        self._options = options
        self._places = places
        self._visitors: dict[str, Visitor] = {}
        self._room = Shares(
            MOST_VISITORS, "places for conversations", lambda who, missing: _ANSWERED_SECONDS
        )

    def __repr__(self) -> str:
        return f"<Visitors {len(self._visitors)}>"

    def __len__(self) -> int:
        return len(self._visitors)

    @property
    def busy(self) -> bool:
        """Whether anybody is being answered."""
        return any(visitor.busy for visitor in self._visitors.values())

    @property
    def waiting(self) -> int:
        """Turns whose time has not come."""
        return self._places.waiting

    async def enter(self, name: str, interface: str, owner: str = "") -> Visitor:
        """The visitor of this name, who may be new, and then belongs to this owner."""
        await self._forget_the_absent()
        visitor = self._visitors.get(name)
        if visitor is None:
            await self._make_room()
            visitor = self._visitors.get(name) or self._welcome(name, interface, owner)
        visitor.seen_at = now()
        call_id.set(visitor.id)  # whatever this request still leads to
        await visitor.until_begun()
        return visitor

    def clear(self, name: str) -> bool:
        """Forget what was said, but not who answers; False when nobody is known by this name."""
        visitor = self._visitors.get(name)
        if visitor is not None:
            visitor.call.happened(ev.MemoryCleared())
        return visitor is not None

    async def forget(self, name: str) -> bool:
        """End the conversation, whatever is going on in it."""
        visitor = self._visitors.pop(name, None)
        if visitor is not None:
            self._room.give_back(visitor.payer)
            await visitor.end()
        return visitor is not None

    async def forget_those_of(self, owner: str) -> None:
        for name, visitor in list(self._visitors.items()):
            if visitor.session.owner == owner:
                await self.forget(name)

    async def close(self) -> None:
        """End every conversation, whatever is going on in it."""
        for name in list(self._visitors):
            await self.forget(name)

    def _welcome(self, name: str, interface: str, owner: str) -> Visitor:
        who = self._room.take()
        visitor = Visitor(
            interface, self._engines, self._keeper, self._options, self._places, owner, who
        )
        self._visitors[name] = visitor
        visitor.begin()
        return visitor

    async def _forget_the_absent(self) -> None:
        latest = now() - FORGOTTEN_AFTER_SECONDS
        for name, visitor in self._idle():
            if visitor.seen_at <= latest or visitor.over:
                await self.forget(name)

    async def _make_room(self) -> None:
        """Whoever has their share gives up one of their own, and else whoever has most does: the
        one that has been away for longest."""
        while (refusal := self._room.refusal()) is not None:
            idle = self._idle()
            if isinstance(refusal, LimitReached):
                idle = [entry for entry in idle if entry[1].payer == payer.get()]
            if not idle:
                raise refusal
            name, _ = min(idle, key=lambda entry: self._rank(entry[1]))
            await self.forget(name)

    def _rank(self, visitor: Visitor) -> tuple[int, float]:
        return -self._room.of(visitor.payer), visitor.seen_at

    def _idle(self) -> list[tuple[str, Visitor]]:
        return [
            (name, visitor)
            for name, visitor in self._visitors.items()
            if not (visitor.busy or visitor.awaited)
        ]
