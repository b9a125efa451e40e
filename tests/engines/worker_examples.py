"""What the workers of `test_worker.py` do: small trades that answer notes with notes."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Callable

import msgspec

from repartee.engines.worker import Line, Work, in_a_copy


class Note(msgspec.Struct, frozen=True):
    text: str


def echo() -> Work:
    """Says everything back; `die` crashes, `pid` tells who is there."""

    def answer(text: str) -> str:
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return str(os.getpid()) if text == "pid" else text

    return _with(answer)


def count() -> Work:
    """Tells how many notes came so far; `peek` tells what the count would be, and leaves it."""
    seen = 0

    def answer(text: str) -> str:
        nonlocal seen
        seen += 1
        return str(seen)

    def serve(end: socket.socket) -> None:
        line = Line(end, Note)
        while note := line.receive():
            if note.text == "peek":
                in_a_copy(lambda: line.send(Note(answer("in a copy"))))
            else:
                line.send(Note(answer(note.text)))

    return serve


def deaf() -> Work:
    """Takes no note of anything but the end."""

    def serve(end: socket.socket) -> None:
        hang_up = select.poll()
        hang_up.register(end, 0)
        hang_up.poll()

    return serve


def broken() -> Work:
    raise SystemExit(3)


def _with(answer: Callable[[str], str]) -> Work:
    def serve(end: socket.socket) -> None:
        line = Line(end, Note)
        while note := line.receive():
            line.send(Note(answer(note.text)))

    return serve
