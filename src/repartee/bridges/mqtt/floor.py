"""Who is listened to at a site: a microphone is switched on, heard, and switched off again.

Whoever begins something takes the floor. What another one was just saying is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from repartee.bridges.mqtt import said
from repartee.bridges.mqtt.microphone import Microphone
from repartee.bridges.mqtt.outgoing import Teller
from repartee.bridges.mqtt.parcel import Parcel
from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.errors import BadAudio, ReparteeError

Tell = Callable[[Iterable[Parcel]], None]
Configure = Callable[[Configured], None]
"""Does what is wished; `ReparteeError` when it can't be done."""


class Floor:
    def __init__(
        self, call: Call, teller: Teller, tell: Tell, configure: Configure, patience_s: float
    ) -> None:
        """`patience_s` is how long the first word is waited for."""
        self._call = call
        self._configure = configure
        self._teller = teller
        self._tell = tell
        self._patience_s = patience_s
        self._microphone: Microphone | None = None
        self._patience: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Floor {self._microphone!r}>"

    @property
    def is_listening(self) -> bool:
        return self._microphone is not None

    # ------------------------------------------------------------ what the device does

    def begin(self, what: said.ListeningBegan) -> None:
        if self._microphone is not None and self._microphone.session == what.session:
            return  # said twice
        if what.language is not None and not self._understands(what.language, what.session):
            return
        self.switch_off()
        self._call.begin_recording()
        self._tell(self._teller.begin(what.session))
        self._microphone = Microphone(self._teller.session, what.until_silence)
        if what.until_silence:
            self._call.abandon_recording()  # not held by a button: the ear finds the turn
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(self._patience_s, self._nobody_spoke)
        if what.by_wake_word:
            self._tell([self._teller.start_listening()])

    def hear(self, what: said.FrameArrived) -> float:
        """How many seconds of it were heard."""
        microphone = self._microphone
        if microphone is None or not microphone.belongs_to(what.session):
            return 0.0
        try:
            samples = microphone.take(what.wav)
        except BadAudio as fault:
            if not microphone.complained:
                microphone.complained = True
                self._complain(str(fault), fault.code)
            return 0.0
        self._call.hear_samples(samples)
        return len(samples) / LISTENING_RATE_HZ

    def end(self, what: said.ListeningEnded) -> None:
        microphone = self._microphone
        if microphone is None or not microphone.belongs_to(what.session):
            return
        self.switch_off()
        if microphone.until_silence:
            # What is being said comes to its end, since nothing follows; or nothing was said.
            if self._call.conversation.turn is None:
                self._tell(self._teller.end("abortedByUser"))
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
            self._tell(self._teller.end("error"))

    def cut_off(self, why: ReparteeError) -> None:
        """Nothing more may be heard, and what was just being said is dropped."""
        self.switch_off()
        self._call.begin_recording()
        self._call.abandon_recording()
        self._complain(str(why), why.code)
        self._tell([self._teller.stop_listening(), *self._teller.end("error")])

    # ------------------------------------------------------------ what else happens

    def heard_it_all(self) -> None:
        """The turn is over, and known."""
        if self._microphone is not None:
            self.switch_off()
            self._tell([self._teller.stop_listening()])

    def switch_off(self) -> None:
        """Whoever was being listened to is listened to no more."""
        self._microphone = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _nobody_spoke(self) -> None:
        """Patience is at its end, unless somebody is speaking."""
        if self._microphone is not None and self._call.conversation.turn is None:
            self.switch_off()
            self._tell(self._teller.nothing_heard())

    def _understands(self, language: str, session: str) -> bool:
        try:
            self._configure(Configured(language=language))
        except ReparteeError as wrong:
            self._complain(str(wrong), wrong.code, session)
            return False
        return True

    def _complain(self, sentence: str, code: str, session: str = "") -> None:
        self._tell([self._teller.error(sentence, code, session)])
