"""Conversations whose client comes and goes: one request, one turn, and the memory stays.

A visitor has a call like everybody else, but no line: what it is told is collected for whoever
asked. Requests of one visitor take turns, and a new one cuts off the answer to the last. Visitors
who stay away are forgotten.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec

from repartee.calls.call import Call, CallOptions
from repartee.calls.clock import now, wall_time
from repartee.calls.outbox import Outbox
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.build import Engines
from repartee.engines.protocols import Samples
from repartee.errors import Refused
from repartee.store.keeper import Keeper, Receipt
from repartee.store.protocol import Session

MOST_VISITORS = 1_000
FORGOTTEN_AFTER_SECONDS = 1_800.0
_WHOLE_TURN_SECONDS = 120.0


class Phrase(msgspec.Struct, frozen=True):
    """A phrase of the answer, and its sound."""

    text: str
    samples: Samples


Part = told.Told | Phrase


class Visitor:
    """One conversation; as its call sees it, the client."""

    def __init__(
        self, interface: str, engines: Engines, keeper: Keeper, options: CallOptions
    ) -> None:
        self.id = str(uuid.uuid4())
        self.seen_at = now()
        self.session = Session(id=self.id, interface=interface, created_at=wall_time())
        rules = msgspec.structs.replace(options.rules, sent_at_once=True)
        self.call = Call(
            self.id, engines, keeper, self, msgspec.structs.replace(options, rules=rules)
        )
        self._keeper = keeper
        self._parts: Outbox[Part] = Outbox(_size_of)
        self._turn = asyncio.Lock()
        self._living: asyncio.Task[None] | None = None
        self.open_turn: str | None = None
        """The upload that is being heard, before its answer is asked for."""

    def __repr__(self) -> str:
        return f"<Visitor {self.session.interface} {self.id}>"

    @property
    def busy(self) -> bool:
        return self._turn.locked()

    async def begin(self) -> None:
        ready = asyncio.Event()
        self._keeper.session_began(self.session)
        self._living = asyncio.create_task(self._live(ready), name=repr(self))
        await ready.wait()

    async def end(self) -> None:
        if self._living is not None:
            self._living.cancel()
            await asyncio.wait([self._living])
            self._keeper.session_ended(self.id, wall_time())

    async def _live(self, ready: asyncio.Event) -> None:
        class Started:
            def started(self, value: object = None) -> None:
                ready.set()

        await self.call.run(task_status=Started())

    # ------------------------------------------------------------ what is asked

    async def ask(self, begin_turn: Callable[[Call], None]) -> AsyncGenerator[Part]:
        """One turn: what comes of it, until it is complete or cut off. Leaving stops the work."""
        if self.busy:
            self.call.happened(ev.InterruptRequested())  # whoever asked before is cut off
        async with self._turn:
            self._parts = Outbox(_size_of)
            self.seen_at = now()
            answered = False
            try:
                begin_turn(self.call)
                async with asyncio.timeout(_WHOLE_TURN_SECONDS):
                    while not answered:
                        part = await self._parts.get()
                        answered = _is_last(part)
                        if isinstance(part, told.ReplyCompleted):
                            self.call.happened(ev.PlaybackEnded(part.reply))
                        yield part
            finally:
                self.seen_at = now()
                if not answered:
                    self.call.abandon_recording()
                    self.call.happened(ev.InterruptRequested())

    # ------------------------------------------------------------ what the call says

    def tell(self, what: told.Told) -> None:
        self._parts.put(what)

    def sound(self, reply: int, samples: Samples, text: str) -> None:
        self.unit(reply, text, samples)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._parts.put(Phrase(text, samples), reply)

    def hold(self, until: Receipt) -> None:
        self._parts.hold(until)

    def hush(self, reply: int) -> None:
        self._parts.hush(reply)


class Visitors:
    """All conversations without a line, by the name that their clients know them under."""

    def __init__(self, engines: Engines, keeper: Keeper, options: CallOptions) -> None:
        self._engines = engines
        self._keeper = keeper
        self._options = options
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Visitors {len(self._visitors)}>"

    def __len__(self) -> int:
        return len(self._visitors)

    def known(self, name: str) -> Visitor | None:
        return self._visitors.get(name)

    async def enter(self, name: str, interface: str) -> Visitor:
        """The visitor of this name, who may be new."""
        await self._forget_the_absent()
        visitor = self._visitors.get(name)
        if visitor is None:
            if len(self._visitors) >= MOST_VISITORS:
                raise Refused("Too many conversations are open. Try again in a few minutes.")
            visitor = Visitor(interface, self._engines, self._keeper, self._options)
            self._visitors[name] = visitor
            await visitor.begin()
        self._visitors.move_to_end(name)
        return visitor

    async def forget(self, name: str) -> bool:
        visitor = self._visitors.pop(name, None)
        if visitor is not None:
            await visitor.end()
        return visitor is not None

    async def close(self) -> None:
        for name in list(self._visitors):
            await self.forget(name)

    async def _forget_the_absent(self) -> None:
        for name, visitor in list(self._visitors.items()):
            if visitor.busy or now() - visitor.seen_at < FORGOTTEN_AFTER_SECONDS:
                return  # the others were here later
            await self.forget(name)


def _is_last(part: Part) -> bool:
    match part:
        case told.Traced(event=event):
            return event in ("turn_complete", "turn_interrupted")
        case told.ReplyInterrupted(reply=reply):
            return reply == 0  # it was cut off before it began
    return False


def _size_of(part: Any) -> int:
    return part.samples.nbytes if isinstance(part, Phrase) else 200
