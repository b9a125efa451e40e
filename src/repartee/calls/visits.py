"""Conversations whose client comes and goes: one request, one turn, and the memory stays.

A visitor has a call like everybody else, but no line: what it is told is collected for whoever
asked. Requests of one visitor take turns, and a new one cuts off the answer to the last. Visitors
who stay away are forgotten.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any

import anyio
import msgspec

from repartee.calls.call import Call, CallOptions
from repartee.calls.clock import now, wall_time
from repartee.calls.outbox import Outbox
from repartee.calls.recording import CallRecording
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.build import Engines
from repartee.engines.protocols import Samples
from repartee.errors import EngineTimeout, Refused
from repartee.store.keeper import Keeper, Receipt
from repartee.store.protocol import Session

MOST_VISITORS = 1_000
FORGOTTEN_AFTER_SECONDS = 1_800.0
_NOTHING_FOR_SECONDS = 120.0
"""Every engine has a patience of its own; when nothing comes for so long, something is broken."""
_LOOK_EVERY_SECONDS = 0.05
_FINAL_WITHIN_MS = 60_000
"""A recording comes all at once, and a slow recogniser may then have a minute of it to hear."""


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
        self.awaited = 0
        """How many uploads it has whose answers may still be asked for."""
        self.session = Session(id=self.id, interface=interface, created_at=wall_time())
        options = _without_a_line(options)
        recording = None
        if options.record is not None:
            recording = CallRecording(self.id, interface, options.rules, options.record)
        self.call = Call(self.id, engines, keeper, self, options, recording)
        self._keeper = keeper
        self._parts: Outbox[Part] = Outbox(_size_of)
        self._turn = asyncio.Lock()
        self._cut_offs = 0
        self._began = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Visitor {self.session.interface} {self.id}>"

    @property
    def busy(self) -> bool:
        return self._turn.locked()

    @property
    def over(self) -> bool:
        return self.call.conversation.over

    def begin(self) -> None:
        self._keeper.session_began(self.session)
        self._living = asyncio.create_task(self.call.run(task_status=self), name=repr(self))

    def started(self, value: None = None) -> None:
        """The call says so when it is ready."""
        self._began.set()

    async def until_begun(self) -> None:
        await self._began.wait()

    async def end(self) -> None:
        if self._living is not None:
            self.call.happened(ev.InterruptRequested())  # whoever is being answered is told
            self.call.happened(ev.ClientGone())
            self._living.cancel()
            await asyncio.wait([self._living])
            self._began.set()
            self._keeper.session_ended(self.id, wall_time())

    def chose(self, persona: str) -> None:
        self.session = msgspec.structs.replace(self.session, persona=persona)
        self._keeper.session_began(self.session)

    # ------------------------------------------------------------ what is asked

    async def ask(
        self, begin_turn: Callable[[Call], None], *, patiently: bool = False
    ) -> AsyncGenerator[Part]:
        """One turn: what comes of it, until it is complete or cut off. Leaving stops the work.

        It cuts off the answer to the last one, unless it is asked `patiently`.
        """
        if not patiently:
            self._cut_off()
        cut_offs = self._cut_offs
        async with self._turn:
            if cut_offs != self._cut_offs and not patiently:
                yield told.ReplyInterrupted(0, "spoken", "")  # a newer one came while it waited
                return
            self._check_it_goes_on()
            self._be_quiet()
            self._parts = Outbox(_size_of)
            self.seen_at = now()
            complete = cut_off = False
            try:
                begin_turn(self.call)
                while not (complete or cut_off):
                    part = await self._next()
                    complete, cut_off = _completes(part), _cuts_off(part)
                    if isinstance(part, told.ReplyCompleted):
                        self.call.happened(ev.PlaybackEnded(part.reply))
                    yield part
            finally:
                self.seen_at = now()
                if not complete:
                    self.call.happened(ev.InterruptRequested())
                    self.call.abandon_recording()

    async def _next(self) -> Part:
        if self._parts.overflowed:
            raise Refused("The answer is taken too slowly, so it was cut off. Please ask again.")
        try:
            async with asyncio.timeout(_NOTHING_FOR_SECONDS):
                return await self._parts.get()
        except TimeoutError:
            raise EngineTimeout("The answer took too long. Please try again.") from None

    def _cut_off(self) -> None:
        self._cut_offs += 1
        if self.busy:
            self.call.happened(ev.InterruptRequested())

    def _be_quiet(self) -> None:
        """Nobody asked for what is still being said, and nothing of it belongs to what comes."""
        if self.call.conversation.replies.audible is not None:
            self.call.happened(ev.InterruptRequested())

    def _check_it_goes_on(self) -> None:
        if self.over:
            raise Refused("This conversation has ended. Please ask again.")

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
        self._visitors: dict[str, Visitor] = {}

    def __repr__(self) -> str:
        return f"<Visitors {len(self._visitors)}>"

    def __len__(self) -> int:
        return len(self._visitors)

    async def enter(self, name: str, interface: str) -> Visitor:
        """The visitor of this name, who may be new."""
        await self._forget_the_absent()
        visitor = self._visitors.get(name)
        if visitor is None:
            await self._make_room()
            visitor = self._visitors.get(name) or self._welcome(name, interface)
        visitor.seen_at = now()
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
            while any(visitor.busy for visitor in self._visitors.values()):
                await anyio.sleep(_LOOK_EVERY_SECONDS)
        await self.close()

    async def close(self) -> None:
        for name in list(self._visitors):
            await self.forget(name)

    def _welcome(self, name: str, interface: str) -> Visitor:
        visitor = Visitor(interface, self._engines, self._keeper, self._options)
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


def _without_a_line(options: CallOptions) -> CallOptions:
    rules = msgspec.structs.replace(
        options.rules, sent_at_once=True, final_within_ms=_FINAL_WITHIN_MS
    )
    return msgspec.structs.replace(options, rules=rules)


def _completes(part: Part) -> bool:
    return isinstance(part, told.Traced) and part.event == "turn_complete"


def _cuts_off(part: Part) -> bool:
    match part:
        case told.Traced(event="turn_interrupted"):
            return True
        case told.ReplyInterrupted(reply=0):
            return True  # before it began
    return False


def _size_of(part: Any) -> int:
    return part.samples.nbytes if isinstance(part, Phrase) else 200
