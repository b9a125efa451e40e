"""Several packets in one block of a WebM file, in the four ways in which they may lie there."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.audio.containers import ebml

_TIME_BYTES = 2
_ALONE, _XIPH, _EQUAL, _EBML = 0, 2, 4, 6
_LACING_BITS = 6


def frames_of(block: bytes, at: int) -> Iterator[bytes]:
    """The packets of a block whose track number ends here; `Junk` if it contradicts itself."""
    at += _TIME_BYTES
    if at >= len(block):
        raise ebml.Junk
    lacing = block[at] & _LACING_BITS
    at += 1
    if lacing == _ALONE:
        yield block[at:]
        return
    if at >= len(block):
        raise ebml.Junk
    # All sizes are told but the last one's, which is the rest; so the count is told less one.
    told = block[at]
    at += 1
    if lacing == _EQUAL:
        sizes = [(len(block) - at) // (told + 1)] * told
    elif lacing == _XIPH:
        sizes, at = _xiph_sizes(block, at, told)
    else:
        sizes, at = _ebml_sizes(block, at, told)
    if min(sizes, default=0) < 0 or at + sum(sizes) > len(block):
        raise ebml.Junk
    for size in sizes:
        yield block[at : at + size]
        at += size
    yield block[at:]


def _xiph_sizes(block: bytes, at: int, count: int) -> tuple[list[int], int]:
    """Each size as a sum of bytes, which goes on after every 255."""
    sizes: list[int] = []
    size = 0
    while len(sizes) < count:
        if at >= len(block):
            raise ebml.Junk
        size += block[at]
        if block[at] < 255:
            sizes.append(size)
            size = 0
        at += 1
    return sizes, at


def _ebml_sizes(block: bytes, at: int, count: int) -> tuple[list[int], int]:
    """The first size, then for each further one how it differs from the one before."""
    sizes: list[int] = []
    for _ in range(count):
        if sizes:
            change, at = ebml.signed_number(block, at)
            sizes.append(sizes[-1] + change)
        else:
            size, at = ebml.number(block, at)
            sizes.append(size)
    return sizes, at
