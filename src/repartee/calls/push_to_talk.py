"""Push to talk: recordings that come in pieces while a button is held.

Each piece is decoded and heard as it comes, so that little is left to do when the button is let
go. The recorder's last piece often comes a moment later; it is waited for, unless the sound that
is here already covers all the time that the button was held.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import anyio

from repartee.audio.decoding import Limits
from repartee.audio.sniff import begins_recording
from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.decoding import DecodingRoom, LiveRecording
from repartee.calls.failures import sentence_of
from repartee.engines.protocols import Samples
from repartee.errors import BadAudio, ReparteeError

QUIET_SECONDS = 0.15
"""After the button was let go: a silence of this length means that no more will come."""
_COVERED_SECONDS = 0.06
"""A recording that is shorter than the time by no more than this has come in full."""
_EARLY_SECONDS = 0.1
"""A recorder may start so long before the button is known to be held."""

Tell = Callable[[str, str], None]
"""Tell the client a sentence and its code."""


class PushToTalk:
    """The button of one client."""

    def __init__(self, call: Call, decoding: DecodingRoom, limits: Limits, tell: Tell) -> None:
        self._call = call
        self._decoding = decoding
        self._limits = limits
        self._tell = tell
        self._turn: HeldTurn | None = None
        self._told_to_press = False
        self._turned_down = False
        """The latest press was: what comes of it is left out."""
        self._stray_until = 0.0

    def __repr__(self) -> str:
        return f"<PushToTalk {'held' if self._turn and not self._turn.let_go else 'free'}>"

    @property
    def was_pressed(self) -> bool:
        return self._turn is not None

    def press(self) -> None:
        self._turned_down = False
        if self._turn is not None and not self._turn.over:
            self._turn.abandon()
            self._stray_until = now() + QUIET_SECONDS
        self._call.begin_recording()
        recording = self._decoding.live(limits=self._limits)
        self._turn = HeldTurn(self._call, recording, self._limits.most_bytes, self._tell)
        self._call.start(self._turn.run)

    def turn_down(self) -> None:
        """It is pressed, but no turn may begin. One that is still held has no end, and is over."""
        self._turned_down = True
        if self._turn is not None and not (self._turn.over or self._turn.let_go):
            self._turn.abandon()
            self._call.abandon_recording()

    def take(self, piece: bytes) -> None:
        if self._turned_down:
            return
        if self._turn is not None:
            if not self._is_stray(piece, self._turn):
                self._turn.take(piece)
        elif not self._told_to_press:
            self._told_to_press = True  # dozens of pieces follow, and once is enough
            self._tell('Sound came before a turn began. Send {"type":"start"} first.', "no_turn")

    def _is_stray(self, piece: bytes, turn: HeldTurn) -> bool:
        """Whether it is the last piece of the recording before, which the button has outrun."""
        return turn.is_empty and now() < self._stray_until and not begins_recording(piece)

    def let_go(self) -> None:
        if self._turned_down:
            return
        if self._turn is None or self._turn.let_go:
            sentence = 'There is no turn to stop. Send {"type":"start"} first.'
            self._tell(sentence, "no_turn")
        else:
            self._turn.release()


class HeldTurn:
    """One press of the button, from its first piece of sound to its last."""

    def __init__(self, call: Call, recording: LiveRecording, most_bytes: int, tell: Tell) -> None:
        self.over = False
        self._call = call
        self._recording = recording
        self._most_bytes = most_bytes
        self._tell = tell
        self._scope = anyio.CancelScope()
        self._bytes = 0
        self._waiting = bytearray()
        self._changed = anyio.Event()
        self._pressed_at = now()
        self._came_at = self._pressed_at
        """When the latest piece came."""
        self._began_at = math.inf
        """When the recording began, at the latest: no sound comes before it was made."""
        self._let_go_at: float | None = None

    @property
    def let_go(self) -> bool:
        return self._let_go_at is not None

    @property
    def is_empty(self) -> bool:
        return self._bytes == 0

    def take(self, piece: bytes) -> None:
        """Queue a piece. The decoder refuses one too many, so no more than that is queued."""
        if not self.over and self._bytes <= self._most_bytes:
            self._bytes += len(piece)
            self._waiting += piece
            self._came_at = now()
            self._changed.set()

    def release(self) -> None:
        self._let_go_at = now()
        self._changed.set()

    def abandon(self) -> None:
        self._scope.cancel()

    @property
    def _is_wanted(self) -> bool:
        """What was abandoned may have one more step before it stops; a turn may end by itself."""
        return not self._scope.cancel_called and self._call.hears_recording

    async def run(self) -> None:
        with self._scope:
            try:
                await self._hear_it_all()
            except Exception as failure:
                self._give_up(failure)
            finally:
                self.over = True
                self._waiting.clear()

    async def _hear_it_all(self) -> None:
        while piece := await self._next():
            self._hear(await self._recording.push(piece))
            if not self._is_wanted:
                return
        if self.is_empty:
            raise BadAudio(
                "No audio received.",
                hint="Send the recording as binary frames between start and stop.",
            )
        self._hear(await self._recording.finish())
        if self._is_wanted and self._let_go_at is not None:
            self._call.end_recording(self._let_go_at)

    async def _next(self) -> bytes:
        """What has come; nothing when the button was let go and no more will come."""
        while not self._waiting:
            if self._covers_the_time():
                return b""
            self._changed = anyio.Event()
            with anyio.move_on_after(self._seconds_left()):
                await self._changed.wait()
                continue
            return b""
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece

    def _seconds_left(self) -> float:
        """For how long the next piece may be waited for."""
        if self._let_go_at is None:
            return math.inf
        return max(self._let_go_at, self._came_at) + QUIET_SECONDS - now()

    def _covers_the_time(self) -> bool:
        """Whether all sound is here that was made until the button was let go."""
        if self._let_go_at is None:
            return False
        if self._recording.ended:
            return True
        if not self._pressed_at - _EARLY_SECONDS <= self._began_at < math.inf:
            return False  # it came faster than it can have been made, so the time tells nothing
        missing = self._let_go_at - self._began_at - self._recording.seconds
        return missing <= _COVERED_SECONDS

    def _hear(self, samples: Samples) -> None:
        if len(samples) and self._is_wanted:
            self._began_at = min(self._began_at, now() - self._recording.seconds)
            self._call.hear_samples(samples)

    def _give_up(self, failure: Exception) -> None:
        if self._is_wanted:
            self._call.abandon_recording()
            code = failure.code if isinstance(failure, ReparteeError) else "decoding_failed"
            otherwise = "The recording could not be decoded. Please record again."
            self._tell(sentence_of(failure, otherwise), code)
