"""Several servers on one database: who of them is alive, and who serves which session.

Each start of a server has an id of its own, which stands on the sessions that it serves; and it
gives a sign of life now and then. What it served is abandoned when those signs have stopped. All
moments here are the database's, so that it does not matter how well the servers' clocks agree.

A session that is resumed gets the next generation. Whoever still writes under an older one has lost
it: the old line may hang on another server, which finds it out by its next write or sign of life.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Update, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from repartee.store.protocol import Session
from repartee.store.statements import database_time, upsert
from repartee.store.tables import SESSIONS, SIGNS_OF_LIFE, TURNS

_IDS_AT_ONCE = 500
_LAST_WORD = func.coalesce(
    select(func.max(TURNS.c.ended_at)).where(TURNS.c.session_id == SESSIONS.c.id).scalar_subquery(),
    SESSIONS.c.created_at,
)


class Sharing:
    """One server's share of the sessions. Each method works in the transaction it is given."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.server = uuid4().hex
        self._now: ColumnElement[float] = database_time(engine)
        self._give_sign = upsert(engine, SIGNS_OF_LIFE, key=("server",)).values(
            server=self.server, seen_at=self._now
        )

    async def elsewhere(
        self, connection: AsyncConnection, sessions: Iterable[Session]
    ) -> frozenset[str]:
        """Which of them have gone on under a newer generation. The others can't be taken over
        before the transaction ends."""
        ours = {session.id: session.generation for session in sessions}
        found = select(SESSIONS.c.id, SESSIONS.c.generation).order_by(SESSIONS.c.id)
        lost: set[str] = set()
        for some in _portions(sorted(ours)):  # in one order, so that no two wait for each other
            rows = await connection.execute(found.where(SESSIONS.c.id.in_(some)).with_for_update())
            lost.update(row.id for row in rows if row.generation > ours[row.id])
        return frozenset(lost)

    def taken_over(self, session_id: str) -> Update:
        next_one = SESSIONS.c.generation + 1
        one = update(SESSIONS).where(SESSIONS.c.id == session_id)
        return one.values(server=self.server, generation=next_one)

    async def beat(self, connection: AsyncConnection, live: Sequence[Session]) -> frozenset[str]:
        await connection.execute(self._give_sign)
        ours = select(SESSIONS.c.id).where(
            SESSIONS.c.status == "active", SESSIONS.c.server == self.server
        )
        known = set((await connection.execute(ours)).scalars())
        in_doubt = [session for session in live if session.id not in known]
        lost = await self.elsewhere(connection, in_doubt)
        wrongly_ended = [session.id for session in in_doubt if session.id not in lost]
        await self._amend(connection, wrongly_ended, status="active", ended_at=None)
        left_over = known.difference(session.id for session in live)
        await self._amend(connection, left_over, status="ended", ended_at=_LAST_WORD)
        return lost

    async def _amend(self, connection: AsyncConnection, ids: Iterable[str], **values: Any) -> None:
        for some in _portions(sorted(ids)):
            # Only what is ours: another server may have taken it over a moment ago.
            those = SESSIONS.c.id.in_(some), SESSIONS.c.server == self.server
            await connection.execute(update(SESSIONS).where(*those).values(**values))

    async def has_company(self, connection: AsyncConnection, within_seconds: float) -> bool:
        others = select(SIGNS_OF_LIFE.c.server).where(
            SIGNS_OF_LIFE.c.server != self.server,
            SIGNS_OF_LIFE.c.seen_at > self._now - within_seconds,
        )
        return (await connection.execute(others.limit(1))).first() is not None

    async def mark_abandoned(self, connection: AsyncConnection, silent_seconds: float) -> int:
        latest = self._now - silent_seconds
        alive = select(SIGNS_OF_LIFE.c.server).where(SIGNS_OF_LIFE.c.seen_at > latest)
        left = SESSIONS.c.status == "active", SESSIONS.c.server.not_in(alive)
        end = update(SESSIONS).where(*left).values(status="abandoned", ended_at=_LAST_WORD)
        marked = await connection.execute(end)
        await connection.execute(delete(SIGNS_OF_LIFE).where(SIGNS_OF_LIFE.c.seen_at <= latest))
        return marked.rowcount


def _portions(ids: list[str]) -> Iterator[list[str]]:
    """A statement has room for so many."""
    for at in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[at : at + _IDS_AT_ONCE]
