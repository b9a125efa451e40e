"""Recordings that were uploaded and whose answers are asked for in a second request.

The recogniser begins at once, if nobody else needs it, so that the words are known when the answer
is asked for. An upload is taken once, and forgotten if nobody takes it in time; nothing of it ever
touches a disk.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import msgspec
import numpy as np

from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.passages import passages
from repartee.calls.shares import Shares, payer
from repartee.calls.turn_places import TurnPlace
from repartee.calls.visits import Visitor
from repartee.engines.protocols import Samples, VoiceDetector

MOST_UPLOADS = 200
MOST_BYTES = 256 << 20
NO_SOUND: Samples = np.zeros(0, np.int16)
_EARLY_SECONDS = 20.0
"""How long a turn may stay open before its answer is asked for; after that it is heard anew."""

_FRESH_SECONDS = 10.0

Prepare = Callable[[Call], object]
"""What is to be done with the call before it hears a recording: another voice, for example."""


async def without_silence(detector: VoiceDetector, samples: Samples) -> Samples:
    """What is said in a recording: the silence around it would spoil how it is heard."""
    return np.concatenate([NO_SOUND, *await passages(detector, samples)])


class Upload:
    """One recording, and the visitor whose turn it is."""

    def __init__(self, visitor: Visitor, samples: Samples, prepare: Prepare | None = None) -> None:
        self.id = str(uuid.uuid4())
        self.visitor = visitor
        self.samples = samples
        self.heard_from = now()
        """When the recogniser began."""
        self._prepare = prepare
        self._turn: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._place: TurnPlace | None = None

    def __repr__(self) -> str:
        return f"<Upload {self.id} of {len(self.samples)} samples>"

    def hear_early(self) -> None:
        """Begin to recognise, unless that would cut off an answer that is being given, or take the
        place of somebody who is waiting for one."""
        if self.visitor.busy:
            return
        self._place = self.visitor.borrow_place(self.leave)
        if self._place is None:
            return
        call = self.visitor.call
        self._begin(call)
        # A turn may not last for ever, and who asks late would find it answered.
        seconds = min(_EARLY_SECONDS, call.conversation.rules.max_turn_ms / 2_000)
        self._timer = asyncio.get_running_loop().call_later(seconds, self.leave)

    def leave(self) -> None:
        """Nobody asked for the answer in time, or nobody wants it any more."""
        self._be_late_no_more()
        if self._is_being_heard(self.visitor.call):
            self.visitor.call.abandon_recording()
        if self._place is not None:
            self._place.leave()

    def check_room(self) -> None:
        """An error if its answer can't be given now, nor waited for."""
        if self._place is None or not self._place.held:
            self.visitor.check_room()

    def kept_place(self) -> TurnPlace | None:
        """The one in which it is heard, if it is; from now on nobody takes it back."""
        if self._place is not None:
            self._place.keep()
        return self._place

    def answer(self, call: Call) -> None:
        """The turn is over: answer it."""
        self._be_late_no_more()
        if not self._is_being_heard(call):
            self._begin(call)
        call.end_recording(now())

    def _begin(self, call: Call) -> None:
        if self._prepare is not None:
            self._prepare(call)
        self.heard_from = now()
        call.begin_recording()
        call.hear_samples(self.samples)
        turn = call.conversation.turn
        self._turn = None if turn is None else turn.number

    def _is_being_heard(self, call: Call) -> bool:
        """A later one may have taken its place, or the recogniser may have failed."""
        turn = call.conversation.turn
        return turn is not None and turn.number == self._turn

    def _be_late_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class _Waiting(msgspec.Struct, frozen=True):
    upload: Upload
    since: float
    payer: str
    until: float
    expiry: asyncio.TimerHandle
    shares: ExitStack
    """Left when it waits no more."""


class Uploads:
    """All that wait for somebody to ask for their answers."""

    def __init__(self, kept_seconds: float) -> None:
        self._kept_seconds = kept_seconds
        self._waiting: dict[str, _Waiting] = {}
        """The one that is forgotten next comes first."""
        self._places = Shares(
            MOST_UPLOADS, "places for uploads", partial(self._free_again, lambda _: 1)
        )
        self._room = Shares(
            MOST_BYTES, "megabytes for uploads", partial(self._free_again, _bytes_of), unit=1 << 20
        )

    def __repr__(self) -> str:
        return f"<Uploads {len(self._waiting)}, {self._room.taken} bytes>"

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def fresh(self) -> int:
        """Those whose answers are likely to be asked for yet: most are in the same moment."""
        latest = now() - _FRESH_SECONDS
        return sum(waiting.since > latest for waiting in self._waiting.values())

    def check_room(self) -> None:
        """An error if whoever asks could not even add the smallest."""
        for shares in (self._places, self._room):
            if (refusal := shares.refusal()) is not None:
                raise refusal

    def add(self, upload: Upload) -> None:
        """Refused where too many wait, or too many of whoever has sent this one."""
        with ExitStack() as shares:
            shares.enter_context(self._places.share())
            shares.enter_context(self._room.share(_bytes_of(upload)))
            loop = asyncio.get_running_loop()
            expiry = loop.call_later(self._kept_seconds, self._expire, upload)
            since, until = now(), now() + self._kept_seconds
            waiting = _Waiting(upload, since, payer.get(), until, expiry, shares.pop_all())
        self._waiting[upload.id] = waiting
        upload.visitor.awaited += 1

    def take(self, upload_id: str, owner: str = "") -> Upload | None:
        """The upload of this id, once; one that belongs to others is as good as none. It stays
        where it is if there is no room for its answer now, and that is an error."""
        waiting = self._waiting.get(upload_id)
        if waiting is None or waiting.upload.visitor.session.owner != owner:
            return None
        waiting.upload.check_room()
        self._remove(waiting.upload)
        return waiting.upload

    def forget_those_of(self, owner: str) -> None:
        """Nobody may ask for their answers any more."""
        for waiting in list(self._waiting.values()):
            if waiting.upload.visitor.session.owner == owner:
                waiting.expiry.cancel()
                self._expire(waiting.upload)

    def _remove(self, upload: Upload) -> None:
        waiting = self._waiting.pop(upload.id)
        waiting.expiry.cancel()
        waiting.shares.close()
        upload.visitor.awaited -= 1
        upload.visitor.seen_at = now()

    def _expire(self, upload: Upload) -> None:
        self._remove(upload)
        upload.leave()

    def _free_again(self, size_of: Callable[[Upload], int], who: str, missing: int) -> float:
        """When enough of this payer's will be forgotten, or of all, if nobody asks for them."""
        for waiting in self._waiting.values():
            if who in ("", waiting.payer):
                missing -= size_of(waiting.upload)
                if missing <= 0:
                    return waiting.until - now()
        return self._kept_seconds


def _bytes_of(upload: Upload) -> int:
    return upload.samples.nbytes
