"""Letting go in the middle of a computation, when nobody waits for its result any more.

A thread can't be stopped from outside. So networks in PyTorch look up between one layer and the
next, and ONNX Runtime is told by who leaves; both end what the thread was at with `Abandoned`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from repartee.engines.blocking import Line

Wanted = Callable[[], bool]
"""Whether anybody still waits for what is being made."""

_STACKS = ("ModuleList", "Sequential")
"""What PyTorch calls the places in a network where one layer follows another."""

_here = threading.local()


class Abandoned(BaseException):
    """Nobody waits for this any more. Like a cancellation it is no error, and no library that
    catches errors may swallow it."""


@contextmanager
def while_wanted(wanted: Wanted) -> Iterator[None]:
    """What this thread computes in here is given up as soon as it is not wanted."""
    before = getattr(_here, "wanted", None)
    _here.wanted = wanted
    try:
        yield
    finally:
        _here.wanted = before


@contextmanager
def working_for(line: Line[Any]) -> Iterator[None]:
    """The same for whoever reads this line."""
    _here.line = line
    try:
        with while_wanted(lambda: not line.left):
            yield
    finally:
        _here.line = None


def look_up() -> None:
    """Give up what this thread is at, if nobody wants it."""
    wanted = getattr(_here, "wanted", None)
    if wanted is not None and not wanted():
        raise Abandoned


@contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """`stop` is called, from another thread, when the reader of this thread's line leaves."""
    line: Line[Any] | None = getattr(_here, "line", None)
    if line is None:
        yield
        return
    with line.bell(stop):
        yield


def look_up_between_layers(network: Any) -> None:
    """Have this network of PyTorch look up before each of its layers."""

    def look(layer: Any, inputs: Any) -> None:
        look_up()

    for stack in network.modules():
        if any(kind.__name__ in _STACKS for kind in type(stack).__mro__):
            for layer in stack.children():
                layer.register_forward_pre_hook(look)
