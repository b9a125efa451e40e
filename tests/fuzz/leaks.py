"""What must not leak: to others where our files are and how a program broke, and of us memory."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

import pytest

from repartee.bridges.mqtt.site import Site
from repartee.calls.call import Call
from repartee.calls.reply import ReplyTask
from repartee.calls.visits import Visitor
from repartee.server.pump import Connection
from repartee.server.voice_socket import VoiceSocket

_INSIDES = re.compile(
    r"Traceback \(most recent|File \"|line \d+, in |site-packages|\.py\b|repartee\.[a-z]+\."
    r"| object at 0x|<class '|/usr/lib/|/home/|/root/|/tmp/|Errno|pydantic|msgspec\b|sqlalchemy"
)
_OF_A_CALL = (Call, Connection, ReplyTask, Site, Visitor, VoiceSocket)
_PAGE = 4_096
_MOST_OBJECTS = 2_000
_earlier: WeakSet[Any] = WeakSet()


def assert_nothing_leaks(told: str) -> None:
    found = _INSIDES.search(told)
    assert found is None, f"{found[0]!r} is told to a client: {told[:400]}"


@pytest.fixture(autouse=True, scope="module")
def earlier_calls() -> WeakSet[Any]:
    """What other tests have left of theirs, in the hands of whoever reports on them."""
    _earlier.clear()
    _earlier.update(_of_calls())
    return _earlier


def left_over() -> list[str]:
    """What still lives of calls that were made in this module."""
    return [type(one).__name__ for one in _of_calls() if one not in _earlier]


def _of_calls() -> list[Any]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, _OF_A_CALL)]


class Footprint(NamedTuple):
    """What this process has of the machine."""

    memory_mb: float
    files: int
    objects: int


def footprint() -> Footprint:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    return Footprint(pages * _PAGE / 2**20, files, len(gc.get_objects()))


def assert_nothing_is_kept(before: Footprint, most_growth_mb: float) -> None:
    """Of calls that have ended since; a process of Python never is quite as large as it was."""
    left = left_over()
    assert not left, f"these are left over: {left}"
    now = footprint()
    assert now.files <= before.files, f"{now.files - before.files} files were left open"
    objects = now.objects - before.objects
    assert objects < _MOST_OBJECTS, f"there are {objects} more objects"
    growth = now.memory_mb - before.memory_mb
    assert growth < most_growth_mb, f"the process has grown by {growth:.1f} MB"


def sentence_of(error: dict[str, Any]) -> str:
    """Of an error on any socket: it must have one, and it must be one."""
    sentence = error.get("message")
    assert isinstance(sentence, str)
    assert len(sentence) > 10, error
    assert sentence.rstrip()[-1:] in ".?!", error
    return sentence
