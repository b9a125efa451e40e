"""Sessions and turns in an SQL database, by SQLAlchemy: the same statements for every kind."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from repartee.store.failures import in_plain_words
from repartee.store.protocol import (
    Forgotten,
    NameTaken,
    RecordRefused,
    Session,
    StoredKey,
    StoredMessage,
    StoredTurn,
    TablesMissing,
    UnknownKey,
    UnknownSession,
)
from repartee.store.schema import bring_up_to_date
from repartee.store.sharing import Sharing
from repartee.store.statements import upsert
from repartee.store.tables import KEYS, MESSAGES, SESSIONS, TURNS

_ROWS_AT_ONCE = 100
"""Rows are made ready on the event loop, so many at a time; then others have their turn."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL takes no NUL and nobody half a surrogate pair; a client can send both."""
_COUNTED = (
    *(column for column in SESSIONS.c if column is not SESSIONS.c.server),
    select(func.count())
    .select_from(TURNS)
    .where(TURNS.c.session_id == SESSIONS.c.id)
    .scalar_subquery()
    .label("turns"),
)


_EMPTY = tuple(~exists().where(t.c.session_id == SESSIONS.c.id) for t in (TURNS, MESSAGES))


class SqlStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._sharing = Sharing(engine)
        self._keep_session = upsert(
            engine, SESSIONS, key=("id",), fixed=("created_at", "owner")
        ).values(server=self._sharing.server)
        self._keep_turn = upsert(engine, TURNS, key=("session_id", "number"), fixed=("id",))
        self._keep_message = upsert(engine, MESSAGES, key=("id",))
        self._ready = False

    def __repr__(self) -> str:
        return f"<SqlStore {self._engine.dialect.name}>"

    async def open(self) -> None:
        await bring_up_to_date(self._writer)
        self._ready = True

    async def close(self) -> None:
        self._ready = False
        await self._engine.dispose()

    async def keep(
        self,
        sessions: Sequence[Session],
        turns: Sequence[StoredTurn],
        messages: Sequence[StoredMessage] = (),
    ) -> frozenset[str]:
        async with self._connected(self._writer) as connection:
            elsewhere = await self._sharing.elsewhere(connection, sessions)
            kinds: tuple[tuple[Any, list[msgspec.Struct]], ...] = (
                (self._keep_session, [one for one in sessions if one.id not in elsewhere]),
                (self._keep_turn, [one for one in turns if one.session_id not in elsewhere]),
                (self._keep_message, [one for one in messages if one.session_id not in elsewhere]),
            )
            for statement, records in kinds:
                for at in range(0, len(records), _ROWS_AT_ONCE):
                    rows = [_row(record) for record in records[at : at + _ROWS_AT_ONCE]]
                    await connection.execute(statement, rows)
        return elsewhere

    async def sessions(
        self, limit: int, before: str | None = None, owner: str | None = None
    ) -> list[Session]:
        place = (SESSIONS.c.created_at, SESSIONS.c.id)
        page = select(*_COUNTED).order_by(*(column.desc() for column in place)).limit(limit)
        page = page.where(_belongs_to(owner))
        async with self._connected(self._engine) as connection:
            if before is not None:
                last = select(*place).where(SESSIONS.c.id == _storable(before), _belongs_to(owner))
                found = (await connection.execute(last)).one_or_none()
                if found is None:
                    raise UnknownSession
                page = page.where(tuple_(*place) < tuple_(*found))
            rows = await connection.execute(page)
        return [Session(**row) for row in rows.mappings()]

    async def session(self, session_id: str) -> Session:
        async with self._connected(self._engine) as connection:
            return await _session(connection, _storable(session_id))

    async def turns(self, session_id: str) -> list[StoredTurn]:
        await self.session(session_id)
        kept: list[StoredTurn] = []
        page = select(TURNS).order_by(TURNS.c.number).limit(_ROWS_AT_ONCE)
        page = page.where(TURNS.c.session_id == _storable(session_id))
        async with self._connected(self._engine) as connection:
            rows = (await connection.execute(page)).mappings().all()
            while rows:
                kept += [StoredTurn(**row) for row in rows]
                following = page.where(TURNS.c.number > kept[-1].number)
                rows = (await connection.execute(following)).mappings().all()
        return kept

    async def messages(self, conversation_id: str, owner: str | None = None) -> list[StoredMessage]:
        kept: list[StoredMessage] = []
        place = (MESSAGES.c.created_at, MESSAGES.c.id)
        page = select(MESSAGES).order_by(*place).limit(_ROWS_AT_ONCE)
        page = page.where(MESSAGES.c.conversation_id == _storable(conversation_id))
        if owner is not None:
            page = page.join(SESSIONS).where(_belongs_to(owner))
        async with self._connected(self._engine) as connection:
            rows = (await connection.execute(page)).mappings().all()
            while rows:
                kept += [StoredMessage(**row) for row in rows]
                last = (kept[-1].created_at, kept[-1].id)
                following = page.where(tuple_(*place) > tuple_(*last))
                rows = (await connection.execute(following)).mappings().all()
        return kept

    async def delete(self, session_id: str) -> None:
        one = delete(SESSIONS).where(SESSIONS.c.id == _storable(session_id))
        async with self._connected(self._writer) as connection:
            deleted = (await connection.execute(one)).rowcount
        if not deleted:
            raise UnknownSession

    async def delete_older_than(self, moment: float, batch: int) -> int:
        """What is in a session goes before it, so that even one of thousands goes in batches."""
        over = SESSIONS.c.ended_at < moment
        lives_on = and_(SESSIONS.c.ended_at.is_(None), SESSIONS.c.created_at < moment)

        def old_in_sessions(table: Table, at: Column[float]) -> Select[tuple[Any]]:
            old = or_(over, and_(lives_on, at < moment))
            return select(table.c.id).join(SESSIONS).where(old)

        all_old = (
            (TURNS, old_in_sessions(TURNS, TURNS.c.ended_at)),
            (MESSAGES, old_in_sessions(MESSAGES, MESSAGES.c.created_at)),
            (SESSIONS, select(SESSIONS.c.id).where(over, *_EMPTY)),
        )
        return (await self._delete_some(all_old, batch)).rows

    async def delete_of(self, owner: str | None, batch: int) -> Forgotten:
        of_owner = _belongs_to(owner)
        everything = (
            (TURNS, select(TURNS.c.id).join(SESSIONS).where(of_owner)),
            (MESSAGES, select(MESSAGES.c.id).join(SESSIONS).where(of_owner)),
            (SESSIONS, select(SESSIONS.c.id).where(of_owner, *_EMPTY)),
        )
        return await self._delete_some(everything, batch)

    async def _delete_some(
        self, unwanted: Sequence[tuple[Table, Select[tuple[Any]]]], most: int
    ) -> Forgotten:
        """The sessions come last."""
        rows, gone = 0, []
        async with self._connected(self._writer) as connection:
            for table, ids in unwanted:
                some = delete(table).where(table.c.id.in_(ids.limit(most - rows)))
                gone = list((await connection.execute(some.returning(table.c.id))).scalars())
                rows += len(gone)
        return Forgotten(rows, gone)

    async def take_over(self, session_id: str) -> Session:
        async with self._connected(self._writer) as connection:
            await connection.execute(self._sharing.taken_over(_storable(session_id)))
            return await _session(connection, _storable(session_id))

    async def beat(self, live: Sequence[Session]) -> frozenset[str]:
        async with self._connected(self._writer) as connection:
            return await self._sharing.beat(connection, live)

    async def has_company(self, within_seconds: float) -> bool:
        async with self._connected(self._engine) as connection:
            return await self._sharing.has_company(connection, within_seconds)

    async def mark_abandoned(self, silent_seconds: float) -> int:
        async with self._connected(self._writer) as connection:
            return await self._sharing.mark_abandoned(connection, silent_seconds)

    async def keys(self) -> list[StoredKey]:
        async with self._connected(self._engine) as connection:
            rows = await connection.execute(select(KEYS).order_by(KEYS.c.name))
        return [StoredKey(**row) for row in rows.mappings()]

    async def keep_key(self, key: StoredKey) -> None:
        try:
            async with self._connected(self._writer) as connection:
                await connection.execute(insert(KEYS).values(_row(key)))
        except RecordRefused:
            raise NameTaken(key.name) from None

    async def delete_key(self, name: str) -> StoredKey:
        one = delete(KEYS).where(KEYS.c.name == _storable(name)).returning(*KEYS.c)
        async with self._connected(self._writer) as connection:
            row = (await connection.execute(one)).mappings().one_or_none()
        if row is None:
            raise UnknownKey(name)
        return StoredKey(**row)

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """One transaction. Tables that have gone are made again before the next one."""
        if not self._ready:
            await self.open()
        try:
            with in_plain_words():
                async with engine.begin() as connection:
                    yield connection
        except TablesMissing:
            self._ready = False
            raise


async def _session(connection: AsyncConnection, session_id: str) -> Session:
    one = select(*_COUNTED).where(SESSIONS.c.id == session_id)
    row = (await connection.execute(one)).mappings().one_or_none()
    if row is None:
        raise UnknownSession
    return Session(**row)


def _belongs_to(owner: str | None) -> ColumnElement[bool]:
    return true() if owner is None else SESSIONS.c.owner == owner


def _row(record: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(record)
    if isinstance(record, Session):
        del values["turns"]
    return {name: _storable(v) if isinstance(v, str) else v for name, v in values.items()}


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)
