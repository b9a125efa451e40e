"""One turn of one caller: the sound on its way, and what was made of it so far.

Sound is kept until a final piece of the transcript covers it. When a connection breaks, everything
after the last final piece is said again on the next, so neither sound nor words are lost or heard
twice. Places are counted in samples of this turn.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence

from repartee.audio.pcm import SAMPLE_BYTES, pcm_bytes
from repartee.engines.live_service import LiveService
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, Transcript
from repartee.engines.stt.deepgram_wires import Piece, Wire
from repartee.errors import EngineFailed, ReparteeError

MOST_KEPT_SAMPLES = 60 * LISTENING_RATE_HZ
"""How far the recogniser may be behind."""
MOST_AT_ONCE_SAMPLES = LISTENING_RATE_HZ // 10
SLACK_SAMPLES = LISTENING_RATE_HZ // 10
"""Places are told in rounded seconds, and nothing is said in so little time."""
ANSWER_WITHIN_S = 1.0
"""When so little sound is open that there is nothing to say about it, nothing may be answered."""
LITTLE_SAMPLES = LISTENING_RATE_HZ


class DeepgramHearing:
    """`wake` says that there is something to send."""

    def __init__(self, service: LiveService, wire: Wire, wake: Callable[[], None]) -> None:
        self._service = service
        self._wire = wire
        self._wake = wake
        self._kept = bytearray()
        self._fed = self._sent = self._final = self._looked = self._covered = 0
        self._wanted: int | None = None
        self._asked: deque[int] = deque()
        self._finals: list[Piece] = []
        self._interim: Piece | None = None
        self._changed = asyncio.Event()
        self._failure: ReparteeError | None = None
        self._left = False

    # ------------------------------------------------------------ for the caller

    def feed(self, samples: Samples) -> None:
        if self._left or self._failure or not len(samples):
            return
        self._kept += pcm_bytes(samples)
        self._fed += len(samples)
        if self._fed - self._final > MOST_KEPT_SAMPLES:
            self.fail(EngineFailed(f"{self._service.name} is too far behind; say that again."))
        self._wake()

    async def partials(self) -> AsyncIterator[str]:
        told = ""
        while not self._left:
            if self._failure:
                raise self._failure
            if told == (text := self._transcript().text):
                await self._changed.wait()
            else:
                told = text
                yield text

    async def settle(self) -> Transcript:
        wanted = self._fed
        if self._covered < wanted <= self._final + SLACK_SAMPLES:
            self._covered = wanted  # all of it is final without being asked for
        if self._covered < wanted:
            self._wanted = wanted
            self._wake()
        answered = await self._within(ANSWER_WITHIN_S, lambda: self._covered >= wanted)
        if not answered and not await self._within(
            self._service.timeout, lambda: self._looked + LITTLE_SAMPLES >= wanted
        ):
            raise self._service.slow()
        self._covered = max(self._covered, wanted)
        return self._transcript()

    # ------------------------------------------------------------ for the line

    @property
    def settled(self) -> bool:
        """Somebody wanted to know what was said."""
        return self._covered > 0 and self._failure is None

    @property
    def trailing(self) -> bool:
        """Sound was sent on which nobody will say anything final unless asked."""
        return self._sent > self._final

    def rewind(self) -> int:
        """A new connection begins: the place from which everything is said once more."""
        self._sent = self._final
        if self._asked:
            self._wanted = max(self._wanted or 0, self._asked[-1])
            self._asked.clear()
        return self._final

    def next(self) -> bytes | str | None:
        if self._failure or self._left:
            return None
        until = self._fed if self._wanted is None else self._wanted
        ready = until - self._sent
        if ready >= (self._wire.least_samples if self._wanted is None else 1):
            return self._sound(min(ready, MOST_AT_ONCE_SAMPLES))
        if self._wanted is None:
            return None
        self._asked.append(self._wanted)
        self._wanted = None
        return self._wire.settle

    def take(self, piece: Piece) -> None:
        self._looked = max(self._looked, piece.end)
        if piece.final:
            self._finals.append(piece)
            self._interim = None
            self._let_go(min(piece.end, self._sent))
            self._mark_covered(piece)
        else:
            self._interim = piece
        self._tell()

    def fail(self, failure: ReparteeError) -> None:
        self._failure = self._failure or failure
        self._kept.clear()
        self._tell()

    def leave(self) -> None:
        self._left = True
        self._kept.clear()
        self._tell()

    # ------------------------------------------------------------ inside

    def _sound(self, samples: int) -> bytes:
        begin = (self._sent - self._final) * SAMPLE_BYTES
        self._sent += samples
        return bytes(self._kept[begin : begin + samples * SAMPLE_BYTES])

    def _let_go(self, place: int) -> None:
        """What lies before this place will never be needed again."""
        if place > self._final:
            del self._kept[: (place - self._final) * SAMPLE_BYTES]
            self._final = place

    def _mark_covered(self, piece: Piece) -> None:
        """A final piece answers the questions up to its end, and the oldest if it was asked for."""
        if piece.asked and self._asked:
            self._covered = max(self._covered, self._asked.popleft())
        while self._asked and self._asked[0] <= piece.end + SLACK_SAMPLES:
            self._covered = max(self._covered, self._asked.popleft())

    def _transcript(self) -> Transcript:
        """Everything so far; each word counts the same for the confidence."""
        said = [*self._finals, self._interim] if self._interim else self._finals
        spoken = [piece for piece in said if piece.text]
        text = " ".join(piece.text for piece in spoken)
        if not text:
            return Transcript("", 0.0)
        sure = sum(piece.confidence * len(piece.text.split()) for piece in spoken)
        confidence = sure / len(text.split())
        return Transcript(text, confidence, said[-1].finished, _language_of_most(spoken))

    async def _within(self, seconds: float, happened: Callable[[], bool]) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not happened():
                    if self._failure:
                        raise self._failure
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _language_of_most(pieces: Sequence[Piece]) -> str | None:
    """The one in which most was said; letters are counted, for some languages have no spaces."""
    letters: Counter[str] = Counter()
    for piece in pieces:
        if piece.language:
            letters[piece.language] += len(piece.text)
    return max(letters, key=letters.__getitem__, default=None)
