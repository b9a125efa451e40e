"""The connections over which callers are heard: one for each, kept warm from turn to turn.

A turn's sound follows the last turn's on the same stream; what is told about the stream before a
turn began is none of its business. A line whose turn was abandoned is closed, and so is one that
nobody has used for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from repartee.audio.pcm import SAMPLE_BYTES
from repartee.engines.deepgram import try_out
from repartee.engines.live import Live, Sleep
from repartee.engines.live_service import LiveService
from repartee.engines.protocols import Caller
from repartee.engines.stt.deepgram_hearing import SLACK_SAMPLES, DeepgramHearing
from repartee.engines.stt.deepgram_wires import Piece, Wire
from repartee.errors import EngineError, EngineFailed, ReparteeError

log = logging.getLogger(__name__)

WARM_S = 30.0
"""How long a line waits for the caller's next turn."""


class Line:
    """One caller's line, as the `Talker` on its connection."""

    def __init__(
        self,
        service: LiveService,
        wire: Wire,
        language: str,
        *,
        sleep: Sleep,
        ended: Callable[[Line], None],
    ) -> None:
        self.language = language
        self.keep_alive_s = wire.keep_alive_s
        self._service = service
        self._wire = wire
        self._hearing: DeepgramHearing | None = None
        self._streamed = 0
        """Samples sent on this connection."""
        self._ours_from = 0
        """Where in this connection's stream the turn begins; what lies before is not its own."""
        self._shift = 0
        """From a place in the turn to that in the stream."""
        self._parting = False
        self._timer: asyncio.TimerHandle | None = None
        self._live = Live(service, wire.path, wire.query(language), self, sleep)
        self.task = asyncio.create_task(self._run(), name=f"{service.name} line")
        self.task.add_done_callback(lambda _: ended(self))

    def attach(self) -> DeepgramHearing:
        """A turn begins."""
        if self._timer:
            self._timer.cancel()
        self._ours_from = self._shift = self._streamed
        self._hearing = DeepgramHearing(self._service, self._wire, self._live.wake)
        return self._hearing

    def release(self) -> bool:
        """The turn is over. Whether the line is ready for another."""
        hearing, self._hearing = self._hearing, None
        if hearing is None or not hearing.settled or not self._wire.keeps or self.task.done():
            self.close()
            return False
        self._parting = hearing.trailing  # cut the stream here, lest two turns share a piece
        self._live.wake()
        self._timer = asyncio.get_running_loop().call_later(WARM_S, self.close)
        return True

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        self.task.cancel()

    # ------------------------------------------------------------ as a talker

    def begin(self) -> None:
        self._streamed = self._ours_from = 0
        self._shift = -self._hearing.rewind() if self._hearing else 0
        self._parting = False

    def next(self) -> str | bytes | None:
        if self._parting:
            self._parting = False
            return self._wire.settle
        message = self._hearing.next() if self._hearing else None
        if isinstance(message, bytes):
            self._streamed += len(message) // SAMPLE_BYTES
        return message

    def keep_alive(self) -> str | bytes:
        if isinstance(self._wire.keep_alive, bytes):  # sound that is no part of the turn
            samples = len(self._wire.keep_alive) // SAMPLE_BYTES
            self._streamed += samples
            self._shift += samples
        return self._wire.keep_alive

    def take(self, message: str | bytes) -> bool:
        piece = self._wire.read(message, self._service)
        if piece is None:
            return False
        if self._hearing and (own := self._own_part(piece)):
            self._hearing.take(own.moved(self._shift))
        return True

    def lost(self, failure: EngineError) -> None:
        if self._hearing is None:
            raise failure  # nobody is speaking: the next turn gets a new line

    def _own_part(self, piece: Piece) -> Piece | None:
        """What this piece says of the turn, and not of the one before."""
        if not self._ours_from:
            return piece
        if piece.end <= self._ours_from + SLACK_SAMPLES:
            return None
        early = piece.start < self._ours_from - SLACK_SAMPLES
        return piece.since(self._ours_from) if early else piece

    async def _run(self) -> None:
        try:
            await self._live.run()
        except ReparteeError as failure:
            self._fail(failure)
        except Exception:
            log.exception("A line to %s broke.", self._service.name)
            self._fail(EngineFailed(f"The connection to {self._service.name} broke."))

    def _fail(self, failure: ReparteeError) -> None:
        if self._hearing:
            self._hearing.fail(failure)


class Lines:
    """Every caller's line to one service."""

    def __init__(self, service: LiveService, wire: Wire, sleep: Sleep) -> None:
        self._service = service
        self._wire = wire
        self._sleep = sleep
        self._note = f"{service.name} {wire.path}"
        """Under this name a caller's notes hold the line that waits for the next turn."""
        self._open: set[Line] = set()

    def __repr__(self) -> str:
        return f"<{len(self._open)} lines to {self._service.name}>"

    async def try_out(self, language: str) -> None:
        """Connect once, to learn now what else the first caller would."""
        await try_out(self.reach(language))

    async def reach(self, language: str) -> None:
        """The same, but nothing is forgiven."""
        socket = await self._service.connect(self._wire.path, self._wire.query(language))
        await socket.close()

    @contextlib.asynccontextmanager
    async def hearing(self, caller: Caller, language: str) -> AsyncIterator[DeepgramHearing]:
        line = self._line_for(caller, language)
        hearing = line.attach()
        try:
            yield hearing
        finally:
            hearing.leave()
            if line.release():
                caller.notes[self._note] = line

    async def close(self) -> None:
        tasks = [line.task for line in self._open]
        for line in tuple(self._open):
            line.close()
        if tasks:
            await asyncio.wait(tasks)

    def _line_for(self, caller: Caller, language: str) -> Line:
        kept: Line | None = caller.notes.pop(self._note, None)
        if kept and kept.language == language and not kept.task.done():
            return kept
        if kept:
            kept.close()
        line = Line(
            self._service, self._wire, language, sleep=self._sleep, ended=self._open.discard
        )
        self._open.add(line)
        return line
