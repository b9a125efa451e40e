"""A server whose database is kept busy: beside its calls it keeps turns that nobody took.

TURNS_PER_SECOND=1000 python -m benchmarks.busy_server serve
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from repartee.cli.main import app
from repartee.server import opening
from repartee.store.keeper import Keeper, keeping
from repartee.store.protocol import Session, Store, StoredTurn

INTERFACE = "nobody"
"""Under this name the sessions of nobody are kept."""
_SESSIONS = 50
_EVERY_SECONDS = 0.01
_SAID = "What is the weather like in Paris today, and will it rain before the evening?"


async def keep_turns(keeper: Keeper, per_second: float) -> None:
    sessions = [str(uuid.uuid4()) for _ in range(_SESSIONS)]
    for session in sessions:
        keeper.session_began(Session(id=session, interface=INTERFACE, created_at=time.time()))
    began, kept = time.monotonic(), 0
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        due = int((time.monotonic() - began) * per_second)
        for number in range(kept, due):
            keeper.keep(_a_turn(sessions[number % _SESSIONS], number))
        kept = due


def _a_turn(session: str, number: int) -> StoredTurn:
    return StoredTurn(
        id=str(uuid.uuid4()),
        session_id=session,
        number=number,
        mode="spoken",
        status="complete",
        user_text=_SAID,
        assistant_text=_SAID * 3,
        heard_text=_SAID * 3,
        confidence=0.9,
        started_at=time.time(),
        ended_at=time.time(),
    )


@asynccontextmanager
async def keeping_busily(store: Store) -> AsyncIterator[Keeper]:
    async with keeping(store) as keeper:
        busy = asyncio.create_task(keep_turns(keeper, float(os.environ["TURNS_PER_SECOND"])))
        try:
            yield keeper
        finally:
            busy.cancel()


if __name__ == "__main__":
    opening.keeping = keeping_busily  # type: ignore[attr-defined]
    app()
