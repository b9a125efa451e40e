"""Every revision that was ever published, with data in it, becomes the newest and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, Text, insert, inspect, select
from sqlalchemy.types import Boolean, Float, Integer

from repartee.store.opening import opened
from repartee.store.schema import HEAD, MIGRATIONS, VERSION_TABLE, upgrade, version_of
from tests.store.conftest import postgres, url  # noqa: F401  the databases of the store's tests
from tests.store.test_schema import LASTING, differences, engine_for

pytestmark = pytest.mark.anyio

ROWS_EACH = 3
OF_THE_MOMENT = ("signs_of_life",)
"""What is known of servers goes when they do."""


def revisions() -> list[Any]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return list(reversed(list(ScriptDirectory.from_config(config).walk_revisions())))


REVISIONS = [script.revision for script in revisions()]


def value_for(table: str, column: Any, row: int) -> Any:
    """Something that fits into the column: rows of one number belong together."""
    if column.primary_key and isinstance(column.type, Text):
        return f"{table}-{row}"
    for reference in column.foreign_keys:
        return f"{reference.column.table.name}-{row}"
    match column.type:
        case Boolean():
            return bool(row % 2)
        case Integer():
            return row + 1
        case Float():
            return 1_000.5 + row
    return f"{column.name} {row} é 🧑‍🚀 '\""


def tables_of(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def fill(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Rows in every table that there is at this revision; gives what they are."""
    filled = {}
    for table in tables_of(connection):
        rows = [
            {column.name: value_for(table.name, column, row) for column in table.columns}
            for row in range(ROWS_EACH)
        ]
        connection.execute(insert(table), rows)
        filled[table.name] = rows
    return filled


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in tables_of(connection)
    }


def test_they_are_one_row_of_revisions() -> None:
    assert REVISIONS[-1] == HEAD
    assert len(REVISIONS) == len(set(REVISIONS)) >= 3
    assert [script.down_revision for script in revisions()] == [None, *REVISIONS[:-1]]


@LASTING
@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_was_kept_then_is_there_now(url: str, revision: str) -> None:  # noqa: F811
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, revision)
        before = await connection.run_sync(fill)
    assert before["sessions"]

    async with opened(url) as store:
        assert len(await store.sessions(10)) == ROWS_EACH
        assert len(await store.turns("sessions-0")) == 1

    async with engine.connect() as connection:
        assert await connection.run_sync(version_of) == HEAD
        assert await connection.run_sync(differences) == []
        after = await connection.run_sync(contents)
    await engine.dispose()
    for table in before.keys() - OF_THE_MOMENT:
        rows = before[table]
        assert len(after[table]) == len(rows)
        for row in rows:
            assert any(row.items() <= found.items() for found in after[table])


@LASTING
@pytest.mark.parametrize("revision", REVISIONS)
async def test_each_step_leads_to_the_next(url: str, revision: str) -> None:  # noqa: F811
    """One at a time, as a server that is updated with every release goes."""
    engine = engine_for(url)
    for step in REVISIONS[: REVISIONS.index(revision) + 1]:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, step)
    async with engine.connect() as connection:
        assert await connection.run_sync(version_of) == revision
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await engine.dispose()
    assert {"sessions", "turns", VERSION_TABLE} <= set(names)
