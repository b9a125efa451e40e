"""One device and its conversation: what it says becomes turns of a call, and it is told the rest.

Devices that share one name share one conversation, and the latest of them has the floor.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from repartee.audio.decoding import Limits
from repartee.bridges.mqtt import said
from repartee.bridges.mqtt.allowance import SoundAllowance, payer_at
from repartee.bridges.mqtt.floor import Floor
from repartee.bridges.mqtt.outgoing import Teller, error
from repartee.bridges.mqtt.parcel import Parcel, size_of
from repartee.calls.call import Call
from repartee.calls.clock import now, wall_time
from repartee.calls.options import CallOptions
from repartee.calls.outbox import Outbox
from repartee.calls.recording import CallRecording
from repartee.calls.refusals import LimitReached
from repartee.calls.shares import payer
from repartee.calls.uploads import without_silence
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.errors import ReparteeError
from repartee.observe.logs import call_id
from repartee.server.configuring import NOTHING, configure
from repartee.server.house import House
from repartee.store.keeper import Receipt
from repartee.store.protocol import Session

log = logging.getLogger(__name__)

Publish = Callable[[Parcel], Awaitable[None]]

_MOST_WAITING = 512
_WAITING_FACTOR = 4
"""So many of the longest messages may wait to be taken."""
_LONGEST_RECORDING_SECONDS = 60.0
"""As much as a call's ear takes at once."""


class Site:
    def __init__(
        self, id: str, name: str, house: House, publish: Publish, wish: Configured = NOTHING
    ) -> None:
        """`id` is that of its conversation; `wish` is what was wished for this site before."""
        self.id = id
        self.name = name
        self._house = house
        self._wish = wish
        self._session = Session(id=self.id, interface="mqtt", client=name, created_at=wall_time())
        self._publish = publish
        self._teller = Teller(name)
        self._outbox: Outbox[Parcel] = Outbox(size_of)
        self._waiting_bytes = 0
        self._put: MemoryObjectSendStream[said.Incoming]
        self._take: MemoryObjectReceiveStream[said.Incoming]
        self._put, self._take = anyio.create_memory_object_stream(_MOST_WAITING)
        self.active_at = now()
        self._scope: anyio.CancelScope | None = None
        options = _sent_at_once(house.options)
        recording = None
        if options.record is not None:
            recording = CallRecording(self.id, "mqtt", options.rules, options.record)
        self._call = Call(self.id, house.engines, house.keeper, self, options, recording)
        patience_s = house.settings.mqtt_listen_seconds
        self._sound = SoundAllowance(house.limits)
        self._floor = Floor(self._call, self._teller, self._put_all, self._configure, patience_s)
        self._meanings: dict[type, Callable[[Any], Awaitable[None] | None]] = {
            said.ListeningBegan: self._floor.begin,
            said.ListeningEnded: self._floor.end,
            said.FrameArrived: self._hear_frame,
            said.Recorded: self._hear_recording,
            said.Asked: self._answer,
            said.Interrupted: self._interrupt,
            said.Played: self._note_what_was_played,
            said.Wished: lambda what: self._do_as_wished(what.wish),
        }

    def __repr__(self) -> str:
        return f"<Site {self.name} {self._call!r}>"

    # ------------------------------------------------------------ its life

    async def run(self) -> None:
        """Until nothing has happened for a long time, or the server ends."""
        house = self._house
        call_id.set(self.id)
        payer.set(payer_at(self.name, house.settings))
        log.info("A device begins a conversation.", extra={"site": self.name})
        house.keeper.session_began(self._session)
        try:
            async with anyio.create_task_group() as tasks:
                self._scope = tasks.cancel_scope
                house.roster.enter(self._call, tasks.cancel_scope)
                await tasks.start(self._call.run)
                if self._wish != NOTHING:
                    self._do_as_wished(self._wish)
                for work in (self._understand, self._send, self._grow_old):
                    tasks.start_soon(self._until_done, work, tasks.cancel_scope)
        finally:
            self._floor.switch_off()
            self._put.close()
            self._take.close()
            house.roster.leave(self._call)
            house.keeper.session_ended(self.id, wall_time())
            log.info("The conversation of a device is over.", extra={"site": self.name})

    async def _until_done(
        self, work: Callable[[], Awaitable[None]], everything: anyio.CancelScope
    ) -> None:
        await work()
        everything.cancel()

    async def _send(self) -> None:
        while not self._outbox.overflowed:
            await self._publish(await self._outbox.get())
            self.active_at = now()

    async def _grow_old(self) -> None:
        """Ends when the device has been silent for so long that it is forgotten."""
        idle_s = self._house.settings.mqtt_idle_seconds
        while (left_s := self.active_at + idle_s - now()) > 0 or self.busy:
            await anyio.sleep(max(left_s, 1.0))

    @property
    def busy(self) -> bool:
        """Whether somebody speaks or is answered."""
        conversation = self._call.conversation
        return conversation.turn is not None or conversation.replies.alive is not None

    @property
    def can_be_forgotten(self) -> bool:
        """Whether nothing is going on here, nor about to."""
        messages = self._take.statistics().current_buffer_used + len(self._outbox)
        return not (self._scope is None or self.busy or self._floor.is_listening or messages)

    def forget(self) -> None:
        """End at once; the place is free for somebody else."""
        self._house.roster.leave(self._call)
        if self._scope is not None:
            self._scope.cancel()

    # ------------------------------------------------------------ what the device says

    def take(self, what: said.Incoming) -> None:
        """Never waits: what can't be taken is dropped, and the device is told so."""
        most = self._house.settings.max_frame_bytes * _WAITING_FACTOR
        if self._waiting_bytes + _sound_bytes(what) > most:
            self._complain("More sound arrives than can be heard; some was dropped.", "too_much")
            return
        try:
            self._put.send_nowait(what)
            self._waiting_bytes += _sound_bytes(what)
        except anyio.WouldBlock:
            self._complain("Messages arrive too fast; some were dropped.", "too_much")
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            log.debug("A message came when its conversation had just ended.")

    async def _understand(self) -> None:
        async for what in self._take:
            self._waiting_bytes -= _sound_bytes(what)
            if not isinstance(what, said.FrameArrived) or self._floor.is_listening:
                self.active_at = now()  # a microphone that is always on is no conversation
            try:
                await self._do(what)
            except LimitReached as reached:
                self._refuse(what, reached)

    async def _do(self, what: said.Incoming) -> None:
        if isinstance(what, said.Beginning):
            await self._house.limits.spend("requests")
        waiting = self._meanings[type(what)](what)
        if waiting is not None:
            await waiting

    def _refuse(self, what: said.Incoming, why: LimitReached) -> None:
        if isinstance(what, said.Beginning):
            self._complain(str(why), why.code, what.session)
        else:
            self._floor.cut_off(why)

    async def _hear_frame(self, what: said.FrameArrived) -> None:
        await self._sound.hear(self._floor.hear(what))

    async def _hear_recording(self, what: said.Recorded) -> None:
        settings = self._house.settings
        seconds = min(settings.max_turn_seconds, _LONGEST_RECORDING_SECONDS)
        limits = Limits(settings.max_frame_bytes, seconds)
        try:
            recording = await self._house.decoding.decode(what.data, limits=limits)
        except ReparteeError as fault:
            self._complain(str(fault), fault.code, what.session)
            return
        await self._house.limits.spend("audio", len(recording.samples) / LISTENING_RATE_HZ)
        samples = await without_silence(self._house.engines.voice, recording.samples)
        self._floor.switch_off()
        self._call.begin_recording()
        self._put_all(self._teller.begin(what.session))
        self._call.hear_samples(samples)
        self._call.end_recording(now())

    def _answer(self, what: said.Asked) -> None:
        self._floor.switch_off()
        reply = self._call.conversation.replies.audible
        if reply is not None and not reply.told_complete:
            self._call.happened(ev.InterruptRequested())
        self._put_all(self._teller.begin(what.session))
        self._call.happened(ev.Typed(what.text))

    def _interrupt(self, what: said.Interrupted) -> None:
        self._floor.switch_off()
        self._call.happened(ev.InterruptRequested())
        self._put_all(self._teller.end("abortedByUser"))

    def _note_what_was_played(self, what: said.Played) -> None:
        phrase = self._teller.played(what.id)
        if phrase is not None:
            self._call.listener_played(*phrase)

    def _do_as_wished(self, wish: Configured) -> None:
        try:
            self._configure(wish)
        except ReparteeError as wrong:
            self._put_all([error("dialogueManager", str(wrong), wrong.code, self.name)])

    def _configure(self, wish: Configured) -> None:
        persona = configure(self._house, self._call, wish)
        if persona is not None:
            self._session = msgspec.structs.replace(self._session, persona=persona.key)
            self._house.keeper.session_began(self._session)

    # ------------------------------------------------------------ what the call says

    def tell(self, what: told.Told) -> None:
        if isinstance(what, told.UserFinal):
            self._floor.heard_it_all()
        self._put_all(self._teller.render(what))

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        self.unit(reply, text or "", samples)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._outbox.put(self._teller.render_unit(reply, samples), reply)

    def hold(self, until: Receipt) -> None:
        self._outbox.hold(until)

    def hush(self, reply: int) -> None:
        self._outbox.hush(reply)

    def _complain(self, sentence: str, code: str, session: str = "") -> None:
        self._outbox.put(self._teller.error(sentence, code, session))

    def _put_all(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self._outbox.put(parcel)


def _sound_bytes(what: said.Incoming) -> int:
    match what:
        case said.FrameArrived(wav=data) | said.Recorded(data=data):
            return len(data)
    return 0


def _sent_at_once(options: CallOptions) -> CallOptions:
    """Phrases leave as soon as they are ready, and the device plays one after the other."""
    rules = msgspec.structs.replace(options.rules, sent_at_once=True)
    return msgspec.structs.replace(options, rules=rules)
