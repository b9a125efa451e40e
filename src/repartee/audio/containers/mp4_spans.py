"""Where in an MP4 file the packets of a track lie.

The tables are read as they are needed, never unfolded: a few bytes in them can claim billions of
packets.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repartee.audio.containers.boxes import Fields, children, find, flags_of


class Span(msgspec.Struct, frozen=True):
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


# ---------------------------------------------------------------- one table for the whole file


def table_spans(stbl: memoryview) -> Iterator[Span]:
    """The packets that a track's tables tell of: sizes, and chunks with several packets each."""
    sizes = _sizes(find(stbl, b"stsz"))
    for start, packets in _chunks(stbl):
        for size in _some(sizes, packets):
            yield Span(start, size)
            start += size


def _some(sizes: Iterator[int], count: int) -> Iterator[int]:
    for _ in range(count):
        size = next(sizes, None)
        if size is None:
            return
        yield size


def _sizes(stsz: memoryview) -> Iterator[int]:
    fields = Fields(stsz)
    same, count = fields.next(), fields.next()
    if same:
        for _ in range(count):
            yield same
    while fields.left:
        yield fields.next()


def _chunks(stbl: memoryview) -> Iterator[tuple[int, int]]:
    """Where each chunk begins, and how many packets it holds."""
    wide = find(stbl, b"co64")
    offsets, width = (Fields(wide, 8), 8) if len(wide) else (Fields(find(stbl, b"stco"), 8), 4)
    runs = Fields(find(stbl, b"stsc"), 8)
    packets, number = 0, 0
    upcoming = runs.next() if runs.left else 0
    while offsets.left:
        number += 1
        if number == upcoming:
            packets = runs.next()
            runs.next()  # which of several descriptions
            upcoming = runs.next() if runs.left else 0
        yield offsets.next(width), packets


# ---------------------------------------------------------------- a table for each fragment

_BASE_OFFSET, _DESCRIPTION, _DURATION, _SIZE = 0x1, 0x2, 0x8, 0x10
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_TIME = 0x100, 0x200, 0x400, 0x800


def fragment_spans(
    moof: memoryview, moof_at: int, track_id: int, trex: memoryview
) -> Iterator[Span]:
    """The packets that one fragment tells of."""
    for name, traf in children(moof):
        header = find(traf, b"tfhd")
        if name != b"traf" or Fields(header).next() != track_id:
            continue
        flags = flags_of(header)
        fields = Fields(header, 8)
        base = fields.next(8) if flags & _BASE_OFFSET else moof_at
        fields.next(4 * (bool(flags & _DESCRIPTION) + bool(flags & _DURATION)))
        # The size stands fourth among a track's defaults, after its id and two others.
        default = fields.next() if flags & _SIZE else Fields(trex, 16).next()
        at = base
        for inside, trun in children(traf):
            if inside == b"trun":
                for span in _run(trun, base, at, default):
                    yield span
                    at = span.end


def _run(trun: memoryview, base: int, at: int, default: int) -> Iterator[Span]:
    flags = flags_of(trun)
    fields = Fields(trun)
    count = fields.next()
    if flags & _DATA_OFFSET:
        offset = fields.next()
        at = base + (offset - (1 << 32) if offset >> 31 else offset)
    if flags & _FIRST_FLAGS:
        fields.next()
    each = flags & _EACH_SIZE
    before = 4 * bool(flags & _EACH_DURATION)
    after = 4 * (bool(flags & _EACH_FLAGS) + bool(flags & _EACH_TIME))
    if at < 0 or not (each or default):
        return
    for _ in range(count):
        if each and not fields.left:
            return
        fields.next(before)
        size = fields.next() if each else default
        fields.next(after)
        yield Span(at, size)
        at += size
