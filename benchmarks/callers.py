"""Many callers in one process, which costs next to nothing, so that the server is measured.

    python -m benchmarks.callers 8000 talking

Each sends a frame every 20 ms to `/ws`, as a microphone does. If it talks, it says a tone, hears
the reply to its end, thinks for a moment and speaks again. The frames are made once, and of what
arrives no more is read than which kind it is and how long it sounds.

The process is told what to do in lines: `calls 25` has it hold so many, and say `ready` when
they are under way; `measure 15` has it watch for so many seconds and answer with a `Tally`.
"""

from __future__ import annotations

import asyncio
import enum
import sys
import time

import msgspec
import uvloop

from benchmarks.line import BINARY, Line, frame
from repartee.audio.pcm import SPEAKING_RATE_HZ

FRAME_SECONDS = 0.02
_FRAME_BYTES = 640
_TONE = frame(BINARY, (8_000).to_bytes(2, "little") * (_FRAME_BYTES // 2))
"""What the scripted detector takes for a voice."""
_SILENCE = frame(BINARY, bytes(_FRAME_BYTES))
_AUDIO = b'{"type":"audio","data":"'
_COMPLETE = b'{"type":"status","data":"complete"'
_SECONDS_PER_LETTER = 3 / 4 / 2 / SPEAKING_RATE_HZ
"""So long sounds what a letter of base64 stands for."""
_LEAD_FRAMES = 10
"""The first frames of a reply are ahead of their time on purpose."""
_CYCLE_SECONDS = 3.5
"""About so long it takes to say something and to hear the reply."""
_SILENT_CYCLE_SECONDS = 1.0
"""There is nothing to wait for."""


class Doing(enum.Enum):
    """What somebody on the line is doing, and for how many frames at most."""

    SPEAKING = 50
    WAITING = 500
    HEARING = 750
    THINKING = 15


class Tally(msgspec.Struct):
    """What callers noticed while they were watched, in milliseconds."""

    gaps: list[float] = []
    frame_lateness: list[float] = []
    """How much later than its time each frame of a reply came."""
    own_lateness: list[float] = []
    """How much later than its time each frame was sent, which is the callers' own fault."""
    unanswered: int = 0
    lost: int = 0
    """Calls whose line was cut, or that were never let in."""
    own_cpu_share: float = 0.0
    """Of a core, for all of them."""


def lateness_ms(arrivals: list[tuple[float, float]]) -> list[float]:
    """Of each frame of a reply, compared with the most punctual one. Of each is given when it came
    and for how many seconds it sounds."""
    offsets, played = [], 0.0
    for at, seconds in arrivals:
        offsets.append(at - played)
        played += seconds
    paced = offsets[_LEAD_FRAMES:]
    return [(offset - min(paced)) * 1000 for offset in paced]


class Crowd:
    """The callers of this process."""

    def __init__(self, port: int, *, talks: bool) -> None:
        self.talks = talks
        self.tally = Tally()
        self.port = port
        self._callers: list[Caller] = []

    async def grow(self, count: int) -> None:
        """Until so many call. They begin one after another, as people do."""
        began, new = time.monotonic(), count - len(self._callers)
        cycle = _CYCLE_SECONDS if self.talks else _SILENT_CYCLE_SECONDS
        for number in range(new):
            await asyncio.sleep(began + number * cycle / new - time.monotonic())
            caller = Caller(self)
            self._callers.append(caller)
            await caller.call()
        await asyncio.sleep(cycle)

    async def measure(self, seconds: float) -> Tally:
        self.tally = Tally()
        before, began = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        self.tally.own_cpu_share = (time.process_time() - before) / (time.monotonic() - began)
        self.tally.lost = sum(caller.line.cut for caller in self._callers)
        return self.tally


class Caller:
    def __init__(self, crowd: Crowd) -> None:
        self.line = Line(crowd.port, "/ws", self._hear)
        self._crowd = crowd
        self._do(Doing.SPEAKING)
        self._spoke_until = 0.0
        self._arrivals: list[tuple[float, float]] = []

    async def call(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.line, "127.0.0.1", self._crowd.port)
        await self.line.open
        self._due = time.monotonic()
        self._send_when_due()

    def _do(self, doing: Doing) -> None:
        self._doing, self._frames_left = doing, doing.value

    def _send_when_due(self) -> None:
        self._due += FRAME_SECONDS
        asyncio.get_running_loop().call_later(max(self._due - time.monotonic(), 0), self._send)

    def _send(self) -> None:
        if self.line.cut:
            return
        late = max(time.monotonic() - self._due, 0)
        self._crowd.tally.own_lateness.append(late * 1000)
        self.line.send(_TONE if self._says_something() else _SILENCE)
        self._send_when_due()

    def _says_something(self) -> bool:
        if not self._crowd.talks:
            return False
        if self._frames_left == 0:
            self._next()
        self._frames_left -= 1
        if self._doing is not Doing.SPEAKING:
            return False
        # When it is due, not when it is sent: who speaks late would seem to wait less.
        self._spoke_until = self._due
        return True

    def _next(self) -> None:
        if self._doing is Doing.SPEAKING:
            self._arrivals = []
            self._do(Doing.WAITING)
            return
        if self._doing is not Doing.THINKING:
            self._crowd.tally.unanswered += 1
        self._do(Doing.SPEAKING)

    def _hear(self, message: bytes) -> None:
        if self._doing is Doing.WAITING and message.startswith(_AUDIO):
            self._crowd.tally.gaps.append((time.monotonic() - self._spoke_until) * 1000)
            self._do(Doing.HEARING)
        if self._doing is not Doing.HEARING:
            return
        if message.startswith(_AUDIO):
            letters = message.index(b'"', len(_AUDIO)) - len(_AUDIO)
            self._arrivals.append((time.monotonic(), letters * _SECONDS_PER_LETTER))
        elif message.startswith(_COMPLETE):
            self._crowd.tally.frame_lateness += lateness_ms(self._arrivals)
            self._do(Doing.THINKING)


async def do_as_told(port: int, *, talks: bool) -> None:
    crowd = Crowd(port, talks=talks)
    while order := (await asyncio.to_thread(sys.stdin.readline)).split():
        what, how_much = order
        if what == "calls":
            await crowd.grow(int(how_much))
            print("ready", flush=True)
        else:
            tally = await crowd.measure(float(how_much))
            print(msgspec.json.encode(tally).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(do_as_told(int(sys.argv[1]), talks=sys.argv[2] == "talking"))
