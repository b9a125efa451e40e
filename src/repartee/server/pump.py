"""One WebSocket, one call: frames in through a dialect, frames out through an outbox.

The reader only reads and hands on, so that pings and farewells are always seen. The sender is
the only one who waits for the client, and gives up on one who takes nothing.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial

import anyio
import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from repartee.audio.decoding import Limits
from repartee.calls.call import Call
from repartee.calls.clock import now, wall_time
from repartee.calls.options import CallOptions
from repartee.calls.outbox import Outbox
from repartee.calls.push_to_talk import PushToTalk
from repartee.calls.recording import CallRecording
from repartee.calls.refusals import LimitReached, TryLater
from repartee.calls.resuming import Resumable
from repartee.calls.shares import payer
from repartee.conversation import events as ev
from repartee.conversation.told import Problem, Told, UserFinal
from repartee.dialects import protocol as wire
from repartee.engines.protocols import Samples
from repartee.errors import ReparteeError
from repartee.observe.logs import call_id
from repartee.personas import Persona
from repartee.server.bounds import SpeechCounter, until_elsewhere, until_idle, until_too_long
from repartee.server.configuring import NOTHING, configure, wish_in
from repartee.server.farewells import (
    GOES_AWAY,
    HUNG_UP,
    TRY_AGAIN_LATER,
    Ending,
    close_reason,
    resume_after_ms,
    shortened,
)
from repartee.server.house import House
from repartee.server.patience import Patience
from repartee.server.security.callers import caller_of
from repartee.server.security.credentials import subprotocol_for
from repartee.store.keeper import Receipt
from repartee.store.protocol import Session

log = logging.getLogger(__name__)

_LONGEST_LABEL = 200

_LINE_IS_DEAD = (WebSocketDisconnect, RuntimeError, OSError)
_FAREWELL_SECONDS = 1.0
_KEPT_WITHIN_SECONDS = 0.5
_MORE_SECONDS = 15.0
"""A recording may be so much longer than a turn: the end of the turn comes before its own."""


class Connection:
    """A client at the other end of a WebSocket, as its call sees it."""

    def __init__(
        self,
        socket: WebSocket,
        dialect: wire.Dialect,
        house: House,
        query: Mapping[str, str] | None = None,
        resumed: Resumable | None = None,
    ) -> None:
        """`query` may hold wishes, and whom the call is for; `resumed` is what it goes on from."""
        self.id = str(uuid.uuid4()) if resumed is None else resumed.session.id
        self._query = query or {}
        self._resumed = resumed
        self._socket = socket
        self._dialect = dialect
        self._house = house
        self._outbox: Outbox[wire.Frame] = Outbox(len)
        self._session = Session(
            id=self.id,
            interface=dialect.name,
            client=socket.headers.get("user-agent", "")[:_LONGEST_LABEL],
            owner=caller_of(socket).owner,
            created_at=wall_time(),
        )
        if resumed is not None:
            self._session = resumed.session
        options = house.options if dialect.paced else _sent_at_once(house.options)
        recording = None
        if options.record is not None:
            recording = CallRecording(self.id, dialect.name, options.rules, options.record)
        self._call = Call(self.id, house.engines, house.keeper, self, options, recording)
        self._speech = SpeechCounter(self._call, house.limits)
        self._ending = GOES_AWAY
        limits = Limits(most_seconds=house.settings.max_turn_seconds + _MORE_SECONDS)
        self._button = PushToTalk(self._call, house.decoding, limits, self._complain)
        self._meanings: dict[type, Callable[..., None]] = {
            wire.SoundArrived: lambda what: self._call.hear(what.pcm),
            wire.TurnBegan: lambda _: self._call.begin_recording(),
            wire.TurnEnded: lambda _: self._call.end_recording(now()),
            wire.RecordingPiece: lambda what: self._button.take(what.data),
            wire.RecordingEnded: lambda _: self._button.let_go(),
            wire.Configured: self._configure,
            wire.Pinged: lambda _: self._outbox.put(self._dialect.pong()),
            wire.PlaybackReported: lambda what: self._call.listener_played(what.reply, what.ms),
            wire.Misunderstood: lambda what: self._complain(what.sentence, what.code),
        }

    # ------------------------------------------------------------ what the call says

    def tell(self, what: Told) -> None:
        if isinstance(what, UserFinal) and not self._button.was_pressed:
            self._speech.turn_heard()
        for frame in self._dialect.render(what):
            self._outbox.put(frame)

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        self._outbox.put(self._dialect.render_sound(reply, samples, text), reply)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._outbox.put(self._dialect.render_unit(reply, text, samples), reply)

    def hold(self, until: Receipt) -> None:
        self._outbox.hold(until)

    def hush(self, reply: int) -> None:
        self._outbox.hush(reply)

    # ------------------------------------------------------------ the life of the connection

    async def run(self) -> None:
        """Serve until either side has had enough."""
        await self._socket.accept(subprotocol_for(self._socket))
        with ExitStack() as stack:
            try:
                stack.enter_context(self._house.roster.place(self.id, payer.get()))
            except TryLater as refusal:
                await self._turn_away(refusal)
                return
            await self._live()

    async def _live(self) -> None:
        call_id.set(self.id)
        log.info("A call begins.")
        self._house.keeper.session_began(self._session)
        self._outbox.put(self._dialect.greet(self.id))
        try:
            async with anyio.create_task_group() as tasks:
                self._house.roster.enter(self._call, tasks.cancel_scope)
                self._house.outboxes.add(self._outbox)
                await tasks.start(self._call.run)
                self._begin_as_wished()
                for work in (self._read, self._send, *self._bounds()):
                    tasks.start_soon(self._until_done, work, tasks.cancel_scope)
        finally:
            self._house.keeper.session_ended(self.id, wall_time())
            with anyio.CancelScope(shield=True):
                await self._farewell()
                with suppress(LimitReached):
                    await self._speech.count()
            self._house.outboxes.discard(self._outbox)
            self._house.roster.leave(self._call)
            log.info("A call has ended.")

    async def _until_done(
        self, work: Callable[[], Awaitable[Ending | None]], everything: anyio.CancelScope
    ) -> None:
        self._ending = await work() or self._ending
        everything.cancel()

    def _bounds(self) -> tuple[Callable[[], Awaitable[Ending]], ...]:
        settings = self._house.settings
        return (
            partial(until_idle, lambda: self._call.quiet_since, settings.idle_seconds),
            partial(until_too_long, settings.max_call_minutes),
            partial(until_elsewhere, self._house.keeper, self.id),
            self._speech.until_limit,
        )

    async def _read(self) -> Ending | None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            what = self._understood(text if text is not None else message.get("bytes") or b"")
            if isinstance(what, wire.HungUp):
                return HUNG_UP
            if isinstance(what, wire.RecordingBegan):
                if await self._may_ask():
                    self._button.press()
                else:
                    self._button.turn_down()
            elif isinstance(what, ev.Event):
                if not isinstance(what, ev.Typed) or await self._may_ask():
                    self._call.happened(what)
            else:
                self._meanings[type(what)](what)

    async def _may_ask(self) -> bool:
        """A typed message, or a turn for which a button is pressed, is a request like any other."""
        try:
            await self._house.limits.spend("requests")
        except LimitReached as reached:
            self._complain(str(reached), reached.code)
            return False
        return True

    def _understood(self, frame: wire.Frame) -> wire.Incoming:
        most = self._house.settings.max_frame_bytes
        if len(frame) <= most:
            return self._dialect.parse(frame)
        sentence = f"The message has {len(frame)} bytes; at most {most} are taken."
        return wire.Misunderstood(f"{sentence} Send it in smaller parts.", "frame_too_long")

    async def _send(self) -> None:
        seconds = self._house.settings.send_timeout_seconds
        with anyio.CancelScope() as scope, Patience(seconds, scope.cancel) as patience:
            try:
                while not self._outbox.overflowed:
                    frame = await self._outbox.get()
                    patience.begin()
                    await self._send_frame(frame)
                    patience.end()
            except _LINE_IS_DEAD:
                pass
        log.info("The client no longer takes what it is sent.")

    async def _send_frame(self, frame: wire.Frame) -> None:
        if isinstance(frame, str):
            await self._socket.send_text(frame)
        else:
            await self._socket.send_bytes(frame)

    async def _farewell(self) -> None:
        if self._socket.client_state is not WebSocketState.CONNECTED:
            return
        with anyio.move_on_after(_FAREWELL_SECONDS), suppress(*_LINE_IS_DEAD):
            if self._house.roster.draining:
                await self._send_away()
            elif self._ending.told_as:
                self._complain(self._ending.sentence, self._ending.told_as)
                await self._send_what_is_left()
            await self._socket.close(self._ending.code, shortened(self._ending.sentence))

    async def _send_away(self) -> None:
        """Where the client comes back to, all that was said must be known."""
        await self._house.keeper.flush(_KEPT_WITHIN_SECONDS)
        for frame in self._dialect.going_away(self.id, resume_after_ms(self._house.roster)):
            self._outbox.put(frame)
        await self._send_what_is_left()

    async def _send_what_is_left(self) -> None:
        while len(self._outbox):
            await self._send_frame(await self._outbox.get())

    async def _turn_away(self, refusal: TryLater) -> None:
        told = (str(refusal), refusal.code, refusal.retry_after_s * 1000)
        with anyio.move_on_after(_FAREWELL_SECONDS), suppress(*_LINE_IS_DEAD):
            for frame in self._dialect.turned_away(*told):
                await self._send_frame(frame)
            await self._socket.close(TRY_AGAIN_LATER, close_reason(refusal))

    # ------------------------------------------------------------ what the client wishes

    def _begin_as_wished(self) -> None:
        """Whom somebody calls by name, that one speaks first; unless they were talking before."""
        try:
            wish = wish_in(self._query)
            if self._resumed is not None:
                self._go_on(self._resumed, wish)
                return
            persona = None if wish == NOTHING else self._configured(wish)
        except ReparteeError as wrong:
            self._complain(str(wrong), wrong.code)
            return
        if persona is not None and persona.greeting:
            self._call.happened(ev.Greeted(persona.greeting))

    def _go_on(self, resumed: Resumable, wish: wire.Configured) -> None:
        """Whoever comes back to another persona begins anew. One that is gone meanwhile is said to
        be, and what was said with it is remembered all the same."""
        before = resumed.session.persona
        persona = before if wish.persona is None else wish.persona
        self._configure(msgspec.structs.replace(wish, persona=persona or None))
        if persona == before:
            self._call.happened(resumed.past)

    def _configure(self, wish: wire.Configured) -> None:
        try:
            self._configured(wish)
        except ReparteeError as wrong:
            self._complain(str(wrong), wrong.code)

    def _configured(self, wish: wire.Configured) -> Persona | None:
        persona = configure(self._house, self._call, wish)
        if persona is not None and persona.key != self._session.persona:
            self._session = msgspec.structs.replace(self._session, persona=persona.key)
            self._house.keeper.session_began(self._session)
        return persona

    def _complain(self, sentence: str, code: str) -> None:
        self.tell(Problem(sentence, code))


def _sent_at_once(options: CallOptions) -> CallOptions:
    rules = msgspec.structs.replace(options.rules, sent_at_once=True)
    return msgspec.structs.replace(options, rules=rules)
