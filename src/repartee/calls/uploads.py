"""Recordings that were uploaded and whose answers are asked for in a second request.

The recogniser begins at once, so that the words are known when the answer is asked for. An upload
is taken once, and forgotten if nobody takes it in time; nothing of it ever touches a disk.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict

from repartee.audio.pcm import Samples
from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.visits import Visitor
from repartee.errors import Refused

MOST_UPLOADS = 200
MOST_BYTES = 256 << 20
_EARLY_SECONDS = 20.0
"""How long a turn may stay open before its answer is asked for; after that it is heard anew."""


class Upload:
    """One recording, and the visitor whose turn it is."""

    def __init__(self, visitor: Visitor, samples: Samples) -> None:
        self.id = str(uuid.uuid4())
        self.visitor = visitor
        self.samples = samples
        self.begun_at = now()
        self._open = False
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Upload {self.id} of {len(self.samples)} samples>"

    def hear_early(self) -> None:
        """Begin to recognise, unless that would cut off an answer that is being given."""
        if self.visitor.busy:
            return
        self._begin(self.visitor.call)
        self._open = True
        self.visitor.open_turn = self.id
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_EARLY_SECONDS, self.leave)

    def leave(self) -> None:
        """Nobody asked for the answer in time, or nobody wants it any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._is_open:
            self.visitor.call.abandon_recording()
            self.visitor.open_turn = None
        self._open = False

    def answer(self, call: Call) -> None:
        """The turn is over: answer it."""
        if not self._is_open:
            self.begun_at = now()
            self._begin(call)
        if self._timer is not None:
            self._timer.cancel()
        self.visitor.open_turn = None
        call.end_recording(now())

    @property
    def _is_open(self) -> bool:
        """A later upload of the same visitor may have taken its place."""
        return self._open and self.visitor.open_turn == self.id

    def _begin(self, call: Call) -> None:
        call.begin_recording()
        call.hear_samples(self.samples)


class Uploads:
    def __init__(self, kept_seconds: float) -> None:
        self._kept_seconds = kept_seconds
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"<Uploads {len(self._uploads)}, {self._bytes} bytes>"

    def __len__(self) -> int:
        return len(self._uploads)

    def add(self, upload: Upload) -> None:
        self._forget_the_old()
        size = upload.samples.nbytes
        if len(self._uploads) >= MOST_UPLOADS or self._bytes + size > MOST_BYTES:
            raise Refused("Too many uploads wait for their answers. Try again in a few minutes.")
        self._uploads[upload.id] = upload
        self._bytes += size

    def take(self, upload_id: str) -> Upload | None:
        """The upload of this id, once."""
        self._forget_the_old()
        upload = self._uploads.pop(upload_id, None)
        if upload is not None:
            self._bytes -= upload.samples.nbytes
        return upload

    def _forget_the_old(self) -> None:
        while self._uploads:
            oldest = next(iter(self._uploads.values()))
            if now() - oldest.begun_at < self._kept_seconds:
                return
            del self._uploads[oldest.id]
            self._bytes -= oldest.samples.nbytes
            oldest.leave()
