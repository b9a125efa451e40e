"""The process behind a `Workshop`: it loads something heavy once, then forks for each work.

A fork shares what was loaded, so it starts in a few milliseconds, costs little memory, leaves no
trace in the next one, and takes nobody with it when it crashes. Only light modules are imported
here; what the factory loads must not start threads, because threads do not survive a fork.

    python -m repartee.engines.worker CONTROL_FD MODULE:FACTORY

The factory returns the function that serves one `Line`. The control socket brings the other ends
of these lines; its end is the end of this process, so nothing outlives the server.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

LENGTH_BYTES = 4
READY = b"r"


def framed(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


class Line:
    """The worker's end of a conversation with the server: plain blocking reads and writes."""

    def __init__(self, end: socket.socket, expected: Any) -> None:
        self._end = end
        self._decoder = msgspec.msgpack.Decoder(expected)
        self._hang_up = select.poll()
        self._hang_up.register(end, 0)

    def receive(self) -> Any:
        """The next message, or None when the server has hung up, whatever it had still to say."""
        if self._hang_up.poll(0):
            return None
        length = self._exactly(LENGTH_BYTES)
        body = self._exactly(int.from_bytes(length, "big")) if length else b""
        return self._decoder.decode(body) if body else None

    def send(self, message: msgspec.Struct) -> None:
        self._end.sendall(framed(message))

    def _exactly(self, count: int) -> bytes:
        received = bytearray()
        while len(received) < count:
            piece = self._end.recv(count - len(received))
            if not piece:
                return b""
            received += piece
        return bytes(received)


Work = Callable[[socket.socket], None]
"""What one forked worker does with its line, until it returns."""


def fork(work: Callable[[], None]) -> int:
    """Do this in a copy of this process, which ends with it; return the copy's process id."""
    pid = os.fork()
    if pid:
        return pid
    failed = 1
    try:
        work()
        failed = 0
    except (BrokenPipeError, ConnectionResetError):
        failed = 0  # the server left in the middle: nobody wants the rest
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(failed)


def in_a_copy(work: Callable[[], None]) -> None:
    """Do this in a copy of this process and wait for it: whatever it changes, it changes there."""
    _, status = os.waitpid(fork(work), 0)
    if status:
        raise ChildProcessError(f"The copy ended with status {status}.")


def serve(control: socket.socket, work: Work) -> None:
    """Fork a worker for every line that comes in, until the server hangs up."""
    while True:
        _, lines, _, _ = socket.recv_fds(control, 1, 1)
        if not lines:
            return

        def start(line: int = lines[0]) -> None:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(socket.socket(fileno=line))

        fork(start)
        os.close(lines[0])


def main(control_fd: str, factory: str) -> None:
    # The end of the control socket is the one sign to leave: a terminal's interrupt and a service
    # manager's polite request reach every process, but the server still drains its calls.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forked workers leave no zombies
    module, _, function = factory.partition(":")
    work: Work = getattr(importlib.import_module(module), function)()
    gc.freeze()  # the collector would write to every page that the forks share
    control = socket.socket(fileno=int(control_fd))
    control.send(READY)
    serve(control, work)


if __name__ == "__main__":
    main(*sys.argv[1:])
