"""Lines of JSON, as some services stream their answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from repartee.engines.remote.service import Answer
from repartee.engines.remote.trouble import nonsense

MOST_LINE_BYTES = 16 << 20


async def lines(answer: Answer) -> AsyncGenerator[bytes]:
    """Every line with something on it; the last one needs no end."""
    line = bytearray()
    async with aclosing(answer.pieces()) as pieces:
        async for piece in pieces:
            line += piece
            if len(line) > MOST_LINE_BYTES:
                raise nonsense(answer.address)
            if b"\n" in piece:
                *complete, line = line.split(b"\n")
                for one in complete:
                    if one.strip():
                        yield bytes(one)
    if line.strip():
        yield bytes(line)
