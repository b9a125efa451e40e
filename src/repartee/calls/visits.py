"""A conversation whose client comes and goes: one request, one turn, and the memory stays.

A visitor has a call like everybody else, but no line: what it is told is collected for whoever
asked. Requests of one visitor take turns, and a new one cuts off the answer to the last. Those of
different visitors wait for a place, so that live calls keep their right of way.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import msgspec

from repartee.calls.call import Call
from repartee.calls.clock import now, wall_time
from repartee.calls.options import CallOptions
from repartee.calls.outbox import Outbox
from repartee.calls.recording import CallRecording
from repartee.calls.turn_places import TurnPlace, TurnPlaces
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.build import Engines
from repartee.engines.protocols import Samples
from repartee.errors import EngineTimeout, Refused
from repartee.observe.logs import call_id
from repartee.store.keeper import Keeper, Receipt
from repartee.store.protocol import Session

MOST_TURNS_WAITING = 16
"""Of one visitor: each may be a minute of sound."""
_NOTHING_FOR_SECONDS = 120.0
"""Every engine has a patience of its own; when nothing comes for so long, something is broken."""
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
        self,
        interface: str,
        engines: Engines,
        keeper: Keeper,
        options: CallOptions,
        places: TurnPlaces,
        owner: str = "",
        payer: str = "",
    ) -> None:
        self.id = str(uuid.uuid4())
        self.payer = payer
        """Who brought it here, and has it counted for them."""
        self.seen_at = now()
        self.awaited = 0
        """How many uploads it has whose answers may still be asked for."""
        self.session = Session(id=self.id, interface=interface, owner=owner, created_at=wall_time())
        options = _without_a_line(options)
        recording = None
        if options.record is not None:
            recording = CallRecording(self.id, interface, options.rules, options.record)
        self.call = Call(self.id, engines, keeper, self, options, recording)
        self._keeper = keeper
        self._parts: Outbox[Part] = Outbox(_size_of)
        self._turn = asyncio.Lock()
        self._waiting = 0
        """Requests that wait for their turn."""
        self._cut_offs = 0
        self._places = places
        self._place: TurnPlace | None = None
        self._finding_place = anyio.CancelScope()
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
        call_id.set(self.id)
        self._living = asyncio.create_task(self.call.run(task_status=self), name=repr(self))

    def started(self, value: None = None) -> None:
        """The call says so when it is ready."""
        self._began.set()

    async def until_begun(self) -> None:
        await self._began.wait()

    async def end(self) -> None:
        if self._living is not None:
            self._finding_place.cancel()
            self.call.happened(ev.InterruptRequested())  # whoever is being answered is told
            self.call.happened(ev.ClientGone())
            self._living.cancel()
            try:
                await asyncio.wait([self._living])
            finally:  # whoever wanted the end may leave before it is there
                self._began.set()
                self._keeper.session_ended(self.id, wall_time())

    def chose(self, persona: str) -> None:
        if persona == self.session.persona:
            return
        self.session = msgspec.structs.replace(self.session, persona=persona)
        self._keeper.session_began(self.session)

    # ------------------------------------------------------------ what is asked

    async def ask(
        self,
        begin_turn: Callable[[Call], None],
        *,
        patiently: bool = False,
        place: TurnPlace | None = None,
    ) -> AsyncGenerator[Part]:
        """One turn: what comes of it, until it is complete or cut off. Leaving stops the work.

        It cuts off the answer to the last one, unless it is asked `patiently`. `place` is one that
        it has already.
        """
        self._check_not_too_many_wait()
        if not patiently:
            self._cut_off()
        cut_offs = self._cut_offs
        async with self._in_turn():
            self._check_it_goes_on()
            is_newest = patiently or cut_offs == self._cut_offs
            if not is_newest or (place := await self._found_place(place)) is None:
                yield told.ReplyInterrupted(0, "spoken", "")  # a newer one came while it waited
                return
            complete = cut_off = False
            try:
                self._be_quiet()
                self._parts, self._place = Outbox(_size_of), place
                self.seen_at = now()
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
                place.leave()

    def check_room(self) -> None:
        """For who has no place: an error if it could not even wait for one."""
        self._check_not_too_many_wait()
        self._places.check_room()

    def borrow_place(self, give_up: Callable[[], None]) -> TurnPlace | None:
        """A place for a turn that nobody has asked for yet, if nobody else wants it now."""
        return self._places.borrow(give_up)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def _found_place(self, held: TurnPlace | None) -> TurnPlace | None:
        """None when a newer request came while it was waited for, or the end of all."""
        if held is not None and held.held:
            return held
        with anyio.CancelScope() as self._finding_place:
            place = await self._places.take()
            if not self._finding_place.cancel_called:
                return place
            place.leave()  # both in the same moment
        return None

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
        self._finding_place.cancel()
        if self.busy:
            self.call.happened(ev.InterruptRequested())

    def _be_quiet(self) -> None:
        """Nobody asked for what is still being said, and nothing of it belongs to what comes."""
        if self.call.conversation.replies.audible is not None:
            self.call.happened(ev.InterruptRequested())

    def _check_not_too_many_wait(self) -> None:
        if self._waiting >= MOST_TURNS_WAITING:
            raise Refused(
                "Too many messages of this conversation wait for their answers.",
                hint="Send the next one when the last is answered.",
            )

    def _check_it_goes_on(self) -> None:
        if self.over:
            raise Refused("This conversation has ended. Please ask again.")

    # ------------------------------------------------------------ what the call says

    def tell(self, what: told.Told) -> None:
        self._parts.put(what)
        if self._place is not None and (_completes(what) or _cuts_off(what)):
            self._place.leave()  # however slowly the answer is taken

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        self.unit(reply, text or "", samples)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._parts.put(Phrase(text, samples), reply)

    def hold(self, until: Receipt) -> None:
        self._parts.hold(until)

    def hush(self, reply: int) -> None:
        self._parts.hush(reply)


def _without_a_line(options: CallOptions) -> CallOptions:
    rules = msgspec.structs.replace(
        options.rules, sent_at_once=True, final_within_ms=_FINAL_WITHIN_MS, hold_after_ms=0
    )
    return msgspec.structs.replace(options, rules=rules, patient=True)


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
