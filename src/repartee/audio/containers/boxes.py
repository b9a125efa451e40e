"""The boxes that MP4 files are made of: a size, a name of four letters, and a body."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

LONGEST_HEADER = 16
_SHORT = struct.Struct(">I4s")
_LONG = struct.Struct(">Q")
_SIZE_FOLLOWS, _TO_THE_END = 1, 0


class Header(msgspec.Struct, frozen=True):
    name: bytes
    length: int
    """How many bytes the header itself takes."""
    size: int | None
    """Of the whole box; None: it goes on to the end of the file."""


def header(data: bytes) -> Header | None:
    """What begins here; None: not enough bytes to say. A size below its header's is nonsense."""
    if len(data) < _SHORT.size:
        return None
    size, name = _SHORT.unpack_from(data)
    if size == _TO_THE_END:
        return Header(name, _SHORT.size, None)
    if size != _SIZE_FOLLOWS:
        return Header(name, _SHORT.size, size)
    if len(data) < LONGEST_HEADER:
        return None
    (size,) = _LONG.unpack_from(data, _SHORT.size)
    return Header(name, LONGEST_HEADER, size)


def children(body: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes in this body; whatever can't be read, or is cut off, ends them."""
    at = 0
    while head := header(bytes(body[at : at + LONGEST_HEADER])):
        size = len(body) - at if head.size is None else head.size
        if not head.length <= size <= len(body) - at:
            return
        yield head.name, body[at + head.length : at + size]
        at += size


def find(body: memoryview, *path: bytes) -> memoryview:
    """The body of the first box at this path, or nothing at all."""
    for wanted in path:
        body = next((inside for name, inside in children(body) if name == wanted), body[:0])
    return body


def flags_of(body: memoryview) -> int:
    """The three bytes of flags that many boxes begin with, after a version."""
    return int.from_bytes(body[1:4])


def version_of(body: memoryview) -> int:
    return body[0] if len(body) else 0


class Fields:
    """The numbers of a box one after another; those beyond its end are 0."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: memoryview, at: int = 4) -> None:
        self._body = body
        self._at = at

    def next(self, size: int = 4) -> int:
        value = int.from_bytes(self._body[self._at : self._at + size])
        self._at += size
        return value

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return max(0, len(self._body) - self._at)
