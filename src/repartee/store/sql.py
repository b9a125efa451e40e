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
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from repartee.store.failures import in_plain_words
from repartee.store.protocol import (
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
from repartee.store.tables import KEYS, MESSAGES, SESSIONS, TURNS

_ROWS_AT_ONCE = 100
"""Rows are made ready on the event loop, so many at a time; then others have their turn."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL takes no NUL and nobody half a surrogate pair; a client can send both."""
_COUNTED = (
    SESSIONS,
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
        self._keep_session = _upsert(engine, SESSIONS, key=("id",), fixed=("created_at", "owner"))
        self._keep_turn = _upsert(engine, TURNS, key=("session_id", "number"), fixed=("id",))
        self._keep_message = _upsert(engine, MESSAGES, key=("id",), fixed=())
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
    ) -> None:
        kinds: tuple[tuple[Any, Sequence[msgspec.Struct]], ...] = (
            (self._keep_session, sessions),
            (self._keep_turn, turns),
            (self._keep_message, messages),
        )
        async with self._connected(self._writer) as connection:
            for statement, records in kinds:
                for at in range(0, len(records), _ROWS_AT_ONCE):
                    rows = [_row(record) for record in records[at : at + _ROWS_AT_ONCE]]
                    await connection.execute(statement, rows)

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
        one = select(*_COUNTED).where(SESSIONS.c.id == _storable(session_id))
        async with self._connected(self._engine) as connection:
            row = (await connection.execute(one)).mappings().one_or_none()
        if row is None:
            raise UnknownSession
        return Session(**row)

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
        return await self._delete_some(all_old, batch)

    async def delete_of(self, owner: str | None, batch: int) -> int:
        of_owner = _belongs_to(owner)
        everything = (
            (TURNS, select(TURNS.c.id).join(SESSIONS).where(of_owner)),
            (MESSAGES, select(MESSAGES.c.id).join(SESSIONS).where(of_owner)),
            (SESSIONS, select(SESSIONS.c.id).where(of_owner, *_EMPTY)),
        )
        return await self._delete_some(everything, batch)

    async def _delete_some(
        self, unwanted: Sequence[tuple[Table, Select[tuple[Any]]]], most: int
    ) -> int:
        async with self._connected(self._writer) as connection:
            deleted = 0
            for table, ids in unwanted:
                some = delete(table).where(table.c.id.in_(ids.limit(most - deleted)))
                deleted += (await connection.execute(some)).rowcount
        return deleted

    async def mark_abandoned(self) -> int:
        last_word = select(func.max(TURNS.c.ended_at)).where(TURNS.c.session_id == SESSIONS.c.id)
        ended_at = func.coalesce(last_word.scalar_subquery(), SESSIONS.c.created_at)
        left = update(SESSIONS).where(SESSIONS.c.status == "active")
        async with self._connected(self._writer) as connection:
            marked = await connection.execute(left.values(status="abandoned", ended_at=ended_at))
        return marked.rowcount

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


def _belongs_to(owner: str | None) -> ColumnElement[bool]:
    return true() if owner is None else SESSIONS.c.owner == owner


def _upsert(
    engine: AsyncEngine, table: Table, *, key: tuple[str, ...], fixed: tuple[str, ...]
) -> Any:
    """Insert, or replace all but what is fixed in the row that has the same key."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[engine.dialect.name]
    statement = dialect.insert(table)
    changing = [name for name in table.c.keys() if name not in key + fixed]  # noqa: SIM118
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in changing}
    )


def _row(record: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(record)
    if isinstance(record, Session):
        del values["turns"]
    return {name: _storable(v) if isinstance(v, str) else v for name, v in values.items()}


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)
