"""What must never be seen outside: where our files are, and how far a program got when it broke."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any
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


def resident_mb() -> float:
    """The memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def sentence_of(error: dict[str, Any]) -> str:
    """Of an error on any socket: it must have one, and it must be one."""
    sentence = error.get("message")
    assert isinstance(sentence, str)
    assert len(sentence) > 10, error
    assert sentence.rstrip()[-1:] in ".?!", error
    return sentence
