"""The tables: made, brought up to date, and left alone where they are not ours."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from repartee.errors import SettingsError
from repartee.store.opening import opened
from repartee.store.postgres import postgres_engine
from repartee.store.protocol import Session
from repartee.store.schema import HEAD, MIGRATIONS, VERSION_TABLE, bring_up_to_date, upgrade
from repartee.store.schema import version_of as version
from repartee.store.sqlite import sqlite_engine
from repartee.store.tables import METADATA
from repartee.store.urls import Postgres, read_url

pytestmark = pytest.mark.anyio

LASTING = pytest.mark.parametrize("url", ["file", "postgres"], indirect=True)
"""What outlives the connections to it: nothing in memory is older than the program."""

A_SESSION = "INSERT INTO sessions VALUES ('s', 'ws', 'ended', 1.5, 9.5)"
A_TURN = (
    "INSERT INTO turns VALUES ('t', 's', 1, 'complete', 'Hello.', 'Good day.', 'Good', 0.9, 2, 3)"
)


def engine_for(url: str) -> AsyncEngine:
    place = read_url(url)
    engine = postgres_engine(place) if isinstance(place, Postgres) else sqlite_engine(place)
    return engine.execution_options(writes=True)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return list(compare_metadata(context, METADATA))


def test_the_newest_revision_is_the_one_that_is_looked_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_an_empty_database_gets_the_tables_that_are_described(url: str) -> None:
    engine = engine_for(url)
    await bring_up_to_date(engine)
    await bring_up_to_date(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(version) == HEAD
        assert await connection.run_sync(differences) == []
    await engine.dispose()


@LASTING
async def test_an_old_database_keeps_its_rows(url: str) -> None:
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, "0001")
        for row in (A_SESSION, A_TURN):
            await connection.execute(text(row))
    await engine.dispose()

    async with opened(url) as store:
        assert await store.sessions(10) == [
            Session(id="s", interface="ws", status="ended", created_at=1.5, ended_at=9.5, turns=1)
        ]
        (turn,) = await store.turns("s")
    assert (turn.id, turn.user_text, turn.heard_text) == ("t", "Hello.", "Good")
    assert (turn.mode, turn.time_to_first_audio) == ("spoken", None)


@LASTING
async def test_servers_that_start_at_once_do_not_get_in_each_others_way(
    url: str,
) -> None:
    engines = [engine_for(url) for _ in range(4)]
    await asyncio.gather(*(bring_up_to_date(engine) for engine in engines))
    async with engines[0].connect() as connection:
        assert await connection.run_sync(version) == HEAD
    await asyncio.gather(*(engine.dispose() for engine in engines))


@LASTING
async def test_a_database_from_the_future_is_not_touched(url: str) -> None:
    engine = engine_for(url)
    await bring_up_to_date(engine)
    async with engine.begin() as connection:
        await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(SettingsError, match=r"written by a newer Repartee.*revision 9999"):
        async with opened(url):
            pass


@LASTING
async def test_somebody_elses_tables_are_not_touched(url: str) -> None:
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE turns (wheel INTEGER)"))
    with pytest.raises(SettingsError, match="a table named turns that is not Repartee's"):
        await bring_up_to_date(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(version) is None
    await engine.dispose()
