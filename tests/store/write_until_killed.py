"""Keeps turns as fast as it can and prints the number of each that is durable, until killed."""

from __future__ import annotations

import asyncio
import itertools
import sys

from repartee.store.keeper import keeping
from repartee.store.opening import opened
from repartee.testing.checks.store import a_session, a_turn


async def write(url: str) -> None:
    session = a_session()
    print(session.id, flush=True)  # noqa: T201
    async with opened(url) as store, keeping(store) as keeper:
        await keeper.give_sign_of_life()
        keeper.session_began(session)
        for first in itertools.count(1, 10):
            some = [a_turn(session, number) for number in range(first, first + 10)]
            kept = await asyncio.gather(*(keeper.keep(turn) for turn in some))
            for turn, durable in zip(some, kept, strict=True):
                if durable:
                    print(turn.number, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1]))
