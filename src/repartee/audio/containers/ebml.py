"""EBML, the notation that WebM and Matroska files are written in: elements with a size each.

An element is an id, a size and a body; ids and sizes are numbers of one to eight bytes, whose
leading zero bits tell how many. A size of all ones means that nobody knew it yet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

LONGEST_HEADER = 12
_LONGEST_ID = 4
_LONGEST_SIZE = 8


class Junk(Exception):
    """No element can begin with these bytes."""


class Header(msgspec.Struct, frozen=True):
    id: int
    size: int | None
    """None: unknown, the body ends where something begins that can't be in it."""
    length: int
    """How many bytes the header itself takes."""


def header(data: bytes) -> Header | None:
    """What begins here; None: not enough bytes to say."""
    if not data:
        return None
    id_length = _width(data[0], _LONGEST_ID)
    if len(data) <= id_length:
        return None
    size_length = _width(data[id_length], _LONGEST_SIZE)
    length = id_length + size_length
    if len(data) < length:
        return None
    unknown = (1 << 7 * size_length) - 1
    size = int.from_bytes(data[id_length:length]) & unknown
    name = int.from_bytes(data[:id_length])
    return Header(name, None if size == unknown else size, length)


def children(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements in this body; whatever can't be read, or is cut off, ends them."""
    at = 0
    while at < len(body):
        try:
            head = header(body[at : at + LONGEST_HEADER])
        except Junk:
            return
        if head is None or head.size is None or at + head.length + head.size > len(body):
            return
        at += head.length
        yield head.id, body[at : at + head.size]
        at += head.size


def number(body: bytes, at: int = 0) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    length = _width(body[at], _LONGEST_SIZE) if at < len(body) else 1
    if at + length > len(body):
        raise Junk
    return int.from_bytes(body[at : at + length]) & (1 << 7 * length) - 1, at + length


def signed_number(body: bytes, at: int) -> tuple[int, int]:
    """The same, counted from the middle of what its length can hold."""
    value, end = number(body, at)
    return value - ((1 << 7 * (end - at) - 1) - 1), end


def floating(body: bytes) -> float:
    if len(body) not in (4, 8):
        return 0.0
    value: float = struct.unpack(">f" if len(body) == 4 else ">d", body)[0]
    return value


def _width(first: int, longest: int) -> int:
    width = 9 - first.bit_length()
    if width > longest:
        raise Junk
    return width
