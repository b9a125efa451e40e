"""Worker processes for engines that hold the interpreter's lock or may crash.

A `Workshop` runs one process that has loaded the engine (`worker.py` is what runs there) and lets
it fork a `Worker` for each piece of work. Nothing here waits: what is sent is buffered, at first
by the kernel and then here, up to a bound; what comes back arrives as callbacks on the event loop.
A worker that dies is noticed at once and takes only its own work with it. When the process itself
dies it is started again: at once the first time, then after growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections import deque
from collections.abc import Callable

import msgspec

from repartee.engines.worker import LENGTH_BYTES, READY, framed
from repartee.errors import EngineFailed, EngineMissing

MOST_UNSENT_BYTES = 8 * 1024 * 1024
READ_BYTES = 64 * 1024
START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 5.0
SHORTEST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0


class Worker:
    """One piece of work in a process of its own, seen from the event loop."""

    def __init__(
        self,
        on_message: Callable[[bytes], None],
        on_lost: Callable[[], None],
        on_end: Callable[[Worker], None],
    ) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._near, self._read)
        self._on_message = on_message
        self._on_lost = on_lost
        self._on_end = on_end
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self.open = True

    def send(self, message: msgspec.Struct) -> None:
        """Send this as soon as the worker takes it; a worker that is far behind counts as lost."""
        if not self.open:
            return
        self._outgoing += framed(message)
        self._write()
        if len(self._outgoing) > MOST_UNSENT_BYTES:
            self._lose()

    def close(self) -> None:
        """Hang up: the worker drops what it was doing and ends."""
        if not self.open:
            return
        self.open = False
        self._loop.remove_reader(self._near)
        self._loop.remove_writer(self._near)
        self._near.close()
        self._far.close()
        self._on_end(self)

    def hand_to(self, control: socket.socket) -> None:
        """Have the workshop's process fork the worker for this line."""
        socket.send_fds(control, [b"+"], [self._far.fileno()])
        self._far.close()

    def _lose(self) -> None:
        if self.open:
            self.close()
            self._on_lost()

    def _write(self) -> None:
        try:
            while self._outgoing:
                del self._outgoing[: self._near.send(self._outgoing)]
        except BlockingIOError:
            self._loop.add_writer(self._near, self._write)
            return
        except OSError:
            self._outgoing.clear()  # reading is about to find the end of the line
        self._loop.remove_writer(self._near)

    def _read(self) -> None:
        try:
            received = self._near.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._lose()
            return
        self._incoming += received
        while self.open and (body := self._next_body()) is not None:
            self._on_message(body)

    def _next_body(self) -> bytes | None:
        if len(self._incoming) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + int.from_bytes(self._incoming[:LENGTH_BYTES], "big")
        if len(self._incoming) < end:
            return None
        body = bytes(self._incoming[LENGTH_BYTES:end])
        del self._incoming[:end]
        return body


class Workshop:
    """Runs workers, a bounded number at a time; those beyond it wait for their turn, in order."""

    def __init__(self, name: str, factory: str, *, at_once: int, most_waiting: int) -> None:
        self._name = name
        self._factory = factory
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._working: set[Worker] = set()
        self._waiting: deque[Worker] = deque()
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._crashes = 0

    @property
    def ready(self) -> bool:
        """Whether workers can be had: after a crash it takes a moment, or it is over."""
        return self._control is not None

    def __repr__(self) -> str:
        return (
            f"<Workshop {self._name} {'ready' if self._control else 'not ready'}:"
            f" {len(self._working)} of {self._at_once} working, {len(self._waiting)} waiting>"
        )

    @property
    def pid(self) -> int | None:
        """The process that forks the workers."""
        return self._process.pid if self._process else None

    async def open(self) -> None:
        """Start the process; returns when it has loaded what it needs."""
        if not hasattr(os, "fork"):
            raise EngineMissing(f"The {self._name} engine runs on Linux and macOS only.")
        await self._start()
        self._keeper = asyncio.create_task(self._keep_running())

    def hire(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> Worker:
        """A worker of one's own, to be closed after use; it may be sent to at once."""
        if not self._keeper:
            raise EngineFailed(f"The {self._name} engine is not open.")
        if not self._control and self._crashes > 1:
            raise EngineFailed(f"The {self._name} engine keeps crashing; it will be tried again.")
        if len(self._waiting) >= self._most_waiting:
            raise EngineFailed(f"The {self._name} engine is busy; try again in a moment.")

        def proven(body: bytes) -> None:
            self._crashes = 0
            on_message(body)

        worker = Worker(proven, on_lost, self._release)
        self._waiting.append(worker)
        self._put_to_work()
        return worker

    async def close(self) -> None:
        """End the process and every worker."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait((self._keeper,))
            self._keeper = None
        for worker in (*self._waiting, *self._working):
            worker._lose()
        await self._stop()

    def _release(self, worker: Worker) -> None:
        self._working.discard(worker)
        if worker in self._waiting:
            self._waiting.remove(worker)
        self._put_to_work()

    def _put_to_work(self) -> None:
        while self._control and self._waiting and len(self._working) < self._at_once:
            try:
                self._waiting[0].hand_to(self._control)
            except BlockingIOError:
                self._kill()  # it takes no work any more: it is stuck
                return
            except OSError:
                return  # it is dead: the keeper is about to notice
            self._working.add(self._waiting.popleft())

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._control:
                with contextlib.suppress(OSError):
                    await loop.sock_recv(self._control, 1)  # it has no more to say: this is its end
            await self._stop()
            self._crashes += 1
            if self._crashes > 1:
                pause_s = SHORTEST_PAUSE_S * 2 ** (self._crashes - 2)
                await asyncio.sleep(min(pause_s, LONGEST_PAUSE_S))
            try:
                await self._start()
            except EngineFailed:
                for worker in tuple(self._waiting):
                    worker._lose()

    async def _start(self) -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        try:
            with far:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "repartee.engines.worker"),
                    *(str(far.fileno()), self._factory),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=(far.fileno(),),
                    start_new_session=True,  # out of reach of the terminal's interrupt
                )
            async with asyncio.timeout(START_TIMEOUT_S):
                ready = await asyncio.get_running_loop().sock_recv(near, len(READY))
        except OSError:  # a timeout is one too
            ready = b""
        except BaseException:
            near.close()
            self._kill()
            raise
        if ready != READY:
            near.close()
            await self._stop()
            raise EngineFailed(
                f"The {self._name} engine could not start.", hint="The log says why."
            )
        self._control = near
        self._put_to_work()

    async def _stop(self) -> None:
        if self._control:
            self._control.close()
            self._control = None
        if self._process:
            try:
                async with asyncio.timeout(END_TIMEOUT_S):
                    await self._process.wait()
            except TimeoutError:
                self._kill()
                await self._process.wait()
            self._process = None

    def _kill(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
