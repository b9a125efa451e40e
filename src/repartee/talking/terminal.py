"""The terminal itself: keys come in one by one, and captions are written."""

from __future__ import annotations

import asyncio
import codecs
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from repartee.talking.dialogue import Caption
from repartee.talking.screen import Screen

_MOST_BYTES = 4_096


class Terminal:
    def __init__(self) -> None:
        live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._screen = Screen(live=live, styled="NO_COLOR" not in os.environ)

    def show(
        self, said: Sequence[Caption], being_said: Sequence[Caption] = (), status: str = ""
    ) -> None:
        size = shutil.get_terminal_size()
        text = self._screen.draw(said, being_said, status, width=size.columns, height=size.lines)
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()


@contextmanager
def keys(pressed: Callable[[str], None]) -> Iterator[bool]:
    """Every key as it is pressed; False where there is no terminal that could tell them."""
    if not sys.stdin.isatty() or sys.platform == "win32":
        yield False
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    loop = asyncio.get_running_loop()

    def read() -> None:
        data = os.read(descriptor, _MOST_BYTES)
        if data:
            pressed(decoder.decode(data))
        else:
            loop.remove_reader(descriptor)

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)  # Ctrl+C remains what it is
    loop.add_reader(descriptor, read)
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
