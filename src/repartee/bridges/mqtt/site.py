"""One device and its conversation: what it says becomes turns of a call, and it is told the rest.

Devices that share one name share one conversation, and the latest of them has the floor: what
another one was just saying is dropped, and it is told so.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from repartee.audio.decoding import Limits
from repartee.audio.resample import resampled
from repartee.bridges.mqtt import incoming as said
from repartee.bridges.mqtt.microphone import Microphone
from repartee.bridges.mqtt.outgoing import Teller
from repartee.bridges.mqtt.parcel import Parcel, size_of
from repartee.calls.call import Call, CallOptions
from repartee.calls.clock import now, wall_time
from repartee.calls.outbox import Outbox
from repartee.calls.recording import CallRecording
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.errors import BadAudio, ReparteeError
from repartee.observe.logs import call_id
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
    def __init__(self, name: str, house: House, publish: Publish) -> None:
        self.id = str(uuid.uuid4())
        self.name = name
        self._house = house
        self._publish = publish
        self._teller = Teller(name)
        self._outbox: Outbox[Parcel] = Outbox(size_of)
        self._waiting_bytes = 0
        self._put: MemoryObjectSendStream[said.Incoming]
        self._take: MemoryObjectReceiveStream[said.Incoming]
        self._put, self._take = anyio.create_memory_object_stream(_MOST_WAITING)
        self._microphone: Microphone | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._active_at = now()
        options = _sent_at_once(house.options)
        recording = None
        if options.record is not None:
            recording = CallRecording(self.id, "mqtt", options.rules, options.record)
        self._call = Call(self.id, house.engines, house.keeper, self, options, recording)
        self._meanings: dict[type, Callable[[Any], Awaitable[None]]] = {
            said.ListeningBegan: self._listen,
            said.ListeningEnded: self._stop_listening,
            said.FrameArrived: self._hear,
            said.Recorded: self._hear_recording,
            said.Asked: self._answer,
            said.Interrupted: self._interrupt,
            said.Played: self._note_what_was_played,
        }

    def __repr__(self) -> str:
        return f"<Site {self.name} {self._call!r}>"

    # ------------------------------------------------------------ its life

    async def run(self) -> None:
        """Until nothing has happened for a long time, or the server ends."""
        call_id.set(self.id)
        house = self._house
        session = Session(id=self.id, interface="mqtt", client=self.name, created_at=wall_time())
        log.info("A device begins a conversation.", extra={"site": self.name})
        house.keeper.session_began(session)
        try:
            async with anyio.create_task_group() as tasks:
                house.roster.enter(self._call, tasks.cancel_scope)
                await tasks.start(self._call.run)
                for work in (self._understand, self._send, self._grow_old):
                    tasks.start_soon(self._until_done, work, tasks.cancel_scope)
        finally:
            self._be_patient_no_more()
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
            self._active_at = now()

    async def _grow_old(self) -> None:
        """Ends when the device has been silent for so long that it is forgotten."""
        idle_s = self._house.settings.mqtt_idle_seconds
        while (left_s := self._active_at + idle_s - now()) > 0 or self._busy:
            await anyio.sleep(max(left_s, 1.0))

    @property
    def _busy(self) -> bool:
        conversation = self._call.conversation
        return conversation.turn is not None or conversation.replies.alive is not None

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
            if not isinstance(what, said.FrameArrived) or self._microphone is not None:
                self._active_at = now()  # a microphone that is always on is no conversation
            await self._meanings[type(what)](what)

    async def _listen(self, what: said.ListeningBegan) -> None:
        if self._microphone is not None and self._microphone.session == what.session:
            return  # said twice
        if what.language is not None and not self._speaks(what.language):
            return
        self._take_the_floor()
        self._call.begin_recording()
        self._put_all(self._teller.begin(what.session))
        self._microphone = Microphone(self._teller.session, what.until_silence)
        if what.until_silence:
            self._call.abandon_recording()  # not held by a button: the ear finds the turn
            seconds = self._house.settings.mqtt_listen_seconds
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(seconds, self._nobody_spoke)
        if what.by_wake_word:
            self._outbox.put(self._teller.start_listening())

    async def _stop_listening(self, what: said.ListeningEnded) -> None:
        microphone = self._microphone
        if microphone is None or not microphone.belongs_to(what.session):
            return
        self._switch_off()
        if microphone.until_silence:
            # What is being said comes to its end, since nothing follows; or nothing was said.
            if self._call.conversation.turn is None:
                self._put_all(self._teller.end("abortedByUser"))
        elif microphone.heard_any:
            self._call.hear_samples(microphone.rest())
            self._call.end_recording(now())
        else:
            self._call.abandon_recording()
            self._complain(
                "No audio received. Send audioFrame messages between startListening and "
                "stopListening.",
                BadAudio.code,
            )
            self._put_all(self._teller.end("error"))

    async def _hear(self, what: said.FrameArrived) -> None:
        microphone = self._microphone
        if microphone is None or not microphone.belongs_to(what.session):
            return
        try:
            self._call.hear_samples(microphone.take(what.wav))
        except BadAudio as fault:
            if not microphone.complained:
                microphone.complained = True
                self._complain(str(fault), fault.code)

    async def _hear_recording(self, what: said.Recorded) -> None:
        settings = self._house.settings
        seconds = min(settings.max_turn_seconds, _LONGEST_RECORDING_SECONDS)
        limits = Limits(settings.max_frame_bytes, seconds)
        try:
            recording = await self._house.decoding.decode(what.data, limits=limits)
        except ReparteeError as fault:
            self._complain(str(fault), fault.code, what.session)
            return
        samples = await asyncio.to_thread(
            resampled, recording.samples, recording.rate_hz, LISTENING_RATE_HZ
        )
        self._take_the_floor()
        self._call.begin_recording()
        self._put_all(self._teller.begin(what.session))
        self._call.hear_samples(samples)
        self._call.end_recording(now())

    async def _answer(self, what: said.Asked) -> None:
        self._take_the_floor()
        reply = self._call.conversation.replies.audible
        if reply is not None and not reply.told_complete:
            self._call.happened(ev.InterruptRequested())
        self._put_all(self._teller.begin(what.session))
        self._call.happened(ev.Typed(what.text))

    async def _interrupt(self, what: said.Interrupted) -> None:
        self._take_the_floor()
        self._call.happened(ev.InterruptRequested())
        self._put_all(self._teller.end("abortedByUser"))

    async def _note_what_was_played(self, what: said.Played) -> None:
        phrase = self._teller.played(what.id)
        if phrase is not None:
            self._call.listener_played(*phrase)

    # ------------------------------------------------------------ who has the floor

    def _take_the_floor(self) -> None:
        """Whoever was being listened to is listened to no more."""
        microphone = self._microphone
        if microphone is None:
            return
        self._switch_off()
        sentence = (
            f"Something else was begun as {self.name!r}, so what was being said is dropped. "
            "Give every device a siteId of its own."
        )
        self._complain(sentence, "replaced", microphone.session)

    def _nobody_spoke(self) -> None:
        """Patience is at its end, unless somebody is speaking."""
        if self._microphone is not None and self._call.conversation.turn is None:
            self._switch_off()
            self._put_all(self._teller.nothing_heard())

    def _switch_off(self) -> None:
        self._microphone = None
        self._be_patient_no_more()

    def _be_patient_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _speaks(self, language: str) -> bool:
        try:
            self._call.set_speech(msgspec.structs.replace(self._call.speech, language=language))
        except ReparteeError as wrong:
            self._complain(str(wrong), wrong.code)
            return False
        return True

    # ------------------------------------------------------------ what the call says

    def tell(self, what: told.Told) -> None:
        if isinstance(what, told.UserFinal) and self._microphone is not None:
            self._switch_off()
            self._outbox.put(self._teller.stop_listening())
        self._put_all(self._teller.render(what))

    def sound(self, reply: int, samples: Samples, text: str) -> None:
        self.unit(reply, text, samples)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._outbox.put(self._teller.render_unit(reply, samples), reply)

    def hold(self, until: Receipt) -> None:
        self._outbox.hold(until)

    def hush(self, reply: int) -> None:
        self._outbox.hush(reply)

    def _complain(self, sentence: str, code: str, session: str = "") -> None:
        self._outbox.put(self._teller.error(sentence, code, session))

    def _put_all(self, parcels: list[Parcel]) -> None:
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
