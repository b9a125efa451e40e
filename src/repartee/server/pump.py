"""One WebSocket, one call: frames in through a dialect, frames out through an outbox.

The reader only reads and hands on, so that pings and farewells are always seen. The sender is
the only one who waits for the client, and gives up on one who takes nothing.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable

import anyio
import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from repartee.calls.call import Call
from repartee.conversation import events as ev
from repartee.conversation.told import Problem, Told
from repartee.dialects import protocol as wire
from repartee.engines.protocols import Samples
from repartee.errors import ReparteeError
from repartee.observe.logs import call_id
from repartee.personas import PERSONAS
from repartee.server.house import House
from repartee.server.outbox import Outbox

log = logging.getLogger(__name__)

GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013


class Connection:
    """A client at the other end of a WebSocket, as its call sees it."""

    def __init__(self, socket: WebSocket, dialect: wire.Dialect, house: House) -> None:
        self.id = str(uuid.uuid4())
        self._socket = socket
        self._dialect = dialect
        self._house = house
        self._outbox = Outbox()
        self._call = Call(self.id, house.engines, house.store, self, house.options)
        self._meanings: dict[type, Callable[..., None]] = {
            wire.SoundArrived: lambda what: self._call.hear(what.pcm),
            wire.Configured: self._configure,
            wire.Pinged: lambda _: self._outbox.put(self._dialect.pong()),
            wire.PlaybackReported: lambda what: self._call.listener_played(what.reply, what.ms),
            wire.Misunderstood: lambda what: self.tell(Problem(what.sentence, what.code)),
        }

    # ------------------------------------------------------------ what the call says

    def tell(self, what: Told) -> None:
        for frame in self._dialect.render(what):
            self._outbox.put(frame)

    def sound(self, reply: int, samples: Samples) -> None:
        self._outbox.put(self._dialect.render_sound(reply, samples), reply)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._outbox.put(self._dialect.render_unit(reply, text, samples), reply)

    def hush(self, reply: int) -> None:
        self._outbox.hush(reply)

    # ------------------------------------------------------------ the life of the connection

    async def run(self) -> None:
        """Serve until either side has had enough."""
        await self._socket.accept()
        try:
            self._house.roster.check_room()
        except ReparteeError as refusal:
            await self._turn_away(refusal)
            return
        call_id.set(self.id)
        log.info("A call begins.")
        self._outbox.put(self._dialect.greet(self.id))
        try:
            async with anyio.create_task_group() as tasks:
                self._house.roster.enter(self._call, tasks.cancel_scope)
                await tasks.start(self._call.run)
                for work in (self._read, self._send):
                    tasks.start_soon(self._until_done, work, tasks.cancel_scope)
        finally:
            self._house.roster.leave(self._call)
            with anyio.CancelScope(shield=True):
                await self._farewell()
            log.info("A call has ended.")

    async def _until_done(
        self, work: Callable[[], Awaitable[None]], everything: anyio.CancelScope
    ) -> None:
        await work()
        everything.cancel()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            frame = message.get("text")
            self._take(frame if frame is not None else message.get("bytes") or b"")

    def _take(self, frame: wire.Frame) -> None:
        most = self._house.settings.max_frame_bytes
        if len(frame) > most:
            sentence = f"The message has {len(frame)} bytes; at most {most} are taken."
            self.tell(Problem(f"{sentence} Send it in smaller parts.", "frame_too_long"))
            return
        what = self._dialect.parse(frame)
        if isinstance(what, ev.Event):
            self._call.happened(what)
        else:
            self._meanings[type(what)](what)

    async def _send(self) -> None:
        while not self._outbox.overflowed:
            frame = await self._outbox.get()
            try:
                with anyio.fail_after(self._house.settings.send_timeout_seconds):
                    if isinstance(frame, str):
                        await self._socket.send_text(frame)
                    else:
                        await self._socket.send_bytes(frame)
            except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
                log.info("The client no longer takes what it is sent.")
                return

    async def _farewell(self) -> None:
        if self._socket.client_state is not WebSocketState.CONNECTED:
            return
        with anyio.move_on_after(1):
            try:
                await self._socket.close(GOING_AWAY, "The call has ended. Connect again any time.")
            except (RuntimeError, OSError, WebSocketDisconnect):
                return

    async def _turn_away(self, refusal: ReparteeError) -> None:
        for frame in self._dialect.render(Problem(str(refusal), refusal.code)):
            await self._socket.send_text(str(frame))
        await self._socket.close(TRY_AGAIN_LATER, refusal.sentence[:120])

    # ------------------------------------------------------------ what the client wishes

    def _configure(self, wish: wire.Configured) -> None:
        try:
            self._apply(wish)
        except ReparteeError as wrong:
            self.tell(Problem(str(wrong), wrong.code))

    def _apply(self, wish: wire.Configured) -> None:
        """All of it or nothing: what may be refused comes first."""
        persona = PERSONAS.get(wish.persona) if wish.persona is not None else None
        if wish.persona is not None and persona is None:
            known = ", ".join(PERSONAS)
            sentence = f"There is no persona {wish.persona!r}. Known personas are: {known}."
            self.tell(Problem(sentence, "unknown_persona"))
            return
        voice = wish.voice or (persona.voice if persona is not None else None)
        wished = {"voice": voice, "speed": wish.speed, "language": wish.language}
        given = {name: value for name, value in wished.items() if value is not None}
        self._call.set_speech(msgspec.structs.replace(self._call.speech, **given))
        if wish.sample_rate is not None:
            self._call.set_sample_rate(wish.sample_rate)
        if persona is not None:
            self._call.happened(ev.MemoryCleared())
            self._call.happened(ev.Instructed(persona.instructions))
        if wish.instructions is not None:
            self._call.happened(ev.Instructed(wish.instructions))
