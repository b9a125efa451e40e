"""All conversations whose clients come and go. Those who stay away are forgotten."""

from __future__ import annotations

import anyio

from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.calls.turn_places import TurnPlaces
from repartee.calls.visits import Visitor
from repartee.conversation import events as ev
from repartee.engines.build import Engines
from repartee.errors import Refused
from repartee.observe.logs import call_id
from repartee.store.keeper import Keeper

MOST_VISITORS = 1_000
FORGOTTEN_AFTER_SECONDS = 1_800.0
_LOOK_EVERY_SECONDS = 0.05


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

    def __repr__(self) -> str:
        return f"<Visitors {len(self._visitors)}>"

    def __len__(self) -> int:
        return len(self._visitors)

    @property
    def busy(self) -> bool:
        """Whether anybody is being answered."""
        return any(visitor.busy for visitor in self._visitors.values())

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
            await visitor.end()
        return visitor is not None

    async def drain(self, seconds: float) -> None:
        """Let answers that are being given come to their end, then end every conversation."""
        with anyio.move_on_after(seconds):
            while self.busy:
                await anyio.sleep(_LOOK_EVERY_SECONDS)
        await self.close()

    async def close(self) -> None:
        for name in list(self._visitors):
            await self.forget(name)

    def _welcome(self, name: str, interface: str, owner: str) -> Visitor:
        visitor = Visitor(
            interface, self._engines, self._keeper, self._options, self._places, owner
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
        """When it is full, whoever has been away for longest is forgotten first."""
        if len(self._visitors) < MOST_VISITORS:
            return
        idle = self._idle()
        if not idle:
            raise Refused("Too many conversations are open. Try again in a few minutes.")
        name, _ = min(idle, key=lambda entry: entry[1].seen_at)
        await self.forget(name)

    def _idle(self) -> list[tuple[str, Visitor]]:
        return [
            (name, visitor)
            for name, visitor in self._visitors.items()
            if not (visitor.busy or visitor.awaited)
        ]
