"""How the checks look at an engine: with patience, but not for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples

T = TypeVar("T")

_PATIENCE_SECONDS = 20.0
_TRIES = 5


async def soon(waiting: Awaitable[T]) -> T:
    return await asyncio.wait_for(waiting, _PATIENCE_SECONDS)


async def collect(pieces: AsyncIterator[T]) -> list[T]:
    return [piece async for piece in pieces]


async def quickest(once: Callable[[], Awaitable[float]]) -> float:
    """The least of a few tries: what a busy machine adds is not the engine's fault."""
    return min([await once() for _ in range(_TRIES)])


async def seconds(waiting: Awaitable[object]) -> float:
    """How long this takes."""
    begun = time.perf_counter()
    await soon(waiting)
    return time.perf_counter() - begun


async def check_freed(
    serve: Callable[[], Awaitable[object]],
    abandon: Callable[[], Awaitable[None]],
    abandon_within_s: float,
) -> None:
    """Whoever comes after somebody who left is kept waiting by that for this long at most."""
    alone = await quickest(lambda: seconds(serve()))

    async def after() -> float:
        await soon(abandon())
        return await seconds(serve())

    waited = await quickest(after) - alone
    assert waited <= abandon_within_s, (
        f"Leaving frees the engine within {abandon_within_s} s, not after {waited:.2f} s."
    )


async def leave(pieces: AsyncIterator[T]) -> None:
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()


def babble(length: int) -> Samples:
    """Something to hear, the same every time: tones that come and go in a little noise."""
    at = np.arange(length) / LISTENING_RATE_HZ
    voice = np.sin(2 * np.pi * 150 * at) + 0.5 * np.sin(2 * np.pi * 900 * at)
    loudness = 6_000 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    noise = np.random.default_rng(1).normal(0, 200, length)
    return (voice * loudness + noise).astype(np.int16)
