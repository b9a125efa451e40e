"""Databases that are locked, full, read-only, gone, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from repartee.errors import SettingsError
from repartee.store.keeper import PAUSES
from repartee.store.opening import opened
from repartee.store.protocol import Store, StoreUnavailable
from repartee.store.sql import SqlStore
from repartee.store.sqlite import sqlite_engine
from repartee.store.urls import SqliteFile
from repartee.testing.checks.store import a_session, a_turn
from tests.store.keeping import Pauses, at_work
from tests.store.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio

SESSION = a_session()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "repartee.db"


@asynccontextmanager
async def store_in(path: Path, busy_timeout_ms: int = 1, **pragmas: object) -> AsyncIterator[Store]:
    store = SqlStore(
        sqlite_engine(SqliteFile(path), busy_timeout_ms=busy_timeout_ms, pragmas=pragmas)
    )
    await store.open()
    yield store
    await store.close()


@contextmanager
def another_writer(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program, in the middle of a transaction."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


# ---------------------------------------------------------------- locked


async def test_a_lock_that_is_released_costs_nothing(path: Path) -> None:
    async with store_in(path) as store:
        with another_writer(path) as other:
            pauses = Pauses(then=other.rollback)
            async with at_work(store, pauses) as keeper:
                keeper.session_began(SESSION)
                assert await keeper.keep(a_turn(SESSION))
                assert len(pauses.taken) == 1


async def test_a_lock_that_stays_costs_a_turn_and_no_more(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with store_in(path) as store, at_work(store) as keeper:
        with another_writer(path):
            keeper.session_began(SESSION)
            assert not await keeper.keep(a_turn(SESSION, 1))
            assert "The database is locked." in caplog.text
            assert await store.sessions(10) == [], "reading goes on"
        assert await keeper.keep(a_turn(SESSION, 2))


async def test_a_write_given_up_half_way_leaves_a_store_that_works(path: Path) -> None:
    async with store_in(path, busy_timeout_ms=50) as store:
        async with at_work(store, patience_seconds=0.01) as keeper:
            with another_writer(path):
                assert not await keeper.keep(a_turn(SESSION))
        async with at_work(store) as keeper:
            keeper.session_began(SESSION)
            assert await keeper.keep(a_turn(SESSION))


# ---------------------------------------------------------------- read-only, full


async def test_a_database_that_may_only_be_read(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with store_in(path) as store:
        await store.keep([SESSION], [])
    async with store_in(path, query_only=1) as store, at_work(store) as keeper:
        assert not await keeper.keep(a_turn(SESSION))
        assert "The database can't be written to." in caplog.text
        assert await store.session(SESSION.id) == SESSION


async def test_a_full_database_takes_turns_again_when_there_is_room(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session, long = a_session(), "word " * 2_000
    async with store_in(path, max_page_count=60) as store, at_work(store) as keeper:
        keeper.session_began(session)
        number = 1
        while await keeper.keep(a_turn(session, number, assistant_text=long)):
            number += 1
        assert 1 < number < 60
        assert "no room left" in caplog.text
        await store.delete(session.id)
        assert await keeper.keep(a_turn(session, number, assistant_text=long))
        assert keeper.lost == 1


# ---------------------------------------------------------------- gone, and back


@pytest.mark.parametrize("what", ["repartee.db", "*"])
async def test_a_file_that_was_deleted_is_made_again(path: Path, what: str) -> None:
    async with store_in(path) as store, at_work(store) as keeper:
        keeper.session_began(SESSION)
        assert await keeper.keep(a_turn(SESSION, 1))
        for file in path.parent.glob(what):
            file.unlink()
        assert await keeper.keep(a_turn(SESSION, 2))
    async with store_in(path) as store:
        assert [turn.number for turn in await store.turns(SESSION.id)] == [2]


async def test_a_folder_that_comes_back(path: Path) -> None:
    folder, elsewhere = path.parent, path.parent.with_name("elsewhere")
    async with store_in(path) as store, at_work(store) as keeper:
        keeper.session_began(SESSION)
        assert await keeper.keep(a_turn(SESSION, 1))
        folder.rename(elsewhere)
        assert not await keeper.keep(a_turn(SESSION, 2))
        elsewhere.rename(folder)
        assert await keeper.keep(a_turn(SESSION, 3))
        assert [turn.number for turn in await store.turns(SESSION.id)] == [1, 3]


async def test_a_server_that_restarts_costs_nothing(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    async with opened(url) as store:
        async with at_work(store) as keeper:
            keeper.session_began(SESSION)
            assert await keeper.keep(a_turn(SESSION, 1))
        postgres.stop()
        pauses = Pauses(then=postgres.start)
        async with at_work(store, pauses) as keeper:
            assert await keeper.keep(a_turn(SESSION, 2))
            assert pauses.taken == [PAUSES[0]]
        assert [turn.number for turn in await store.turns(SESSION.id)] == [1, 2]


async def test_a_restart_is_not_noticed_by_who_reads(postgres: PostgresServer) -> None:
    async with opened(postgres.new_database()) as store:
        await store.keep([SESSION], [])
        postgres.stop()
        postgres.start()
        assert await store.sessions(10) == [SESSION]


async def test_a_server_that_is_away_for_longer(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.new_database()
    async with opened(url) as store, at_work(store) as keeper:
        keeper.session_began(SESSION)
        postgres.stop()
        try:
            assert not await keeper.keep(a_turn(SESSION, 1))
            assert "The database can't be reached." in caplog.text
            with pytest.raises(StoreUnavailable, match="can't be reached"):
                await store.sessions(10)
        finally:
            postgres.start()
        assert await keeper.keep(a_turn(SESSION, 2))


# ---------------------------------------------------------------- at the start


@pytest.fixture
def diary(path: Path) -> Path:
    path.write_text("This is a diary, and no database. " * 100)
    return path


async def test_a_start_without_a_database_says_what_to_do(diary: Path) -> None:
    for url, why in [
        (f"sqlite:///{diary}", "damaged, or no SQLite database"),
        (f"sqlite:///{diary.parent}/nowhere/x.db", "can't be opened"),
        (f"postgresql://user:hunter2@/db?host={diary.parent}", "can't be reached"),
        ("postgresql://user:hunter2@localhost/db?sslmode=perhaps", "option"),
    ]:
        with pytest.raises(SettingsError, match=f"DATABASE_URL names can't be used.*{why}") as no:
            async with opened(url):
                pass
        assert "hunter2" not in str(no.value)


async def test_a_start_with_a_wrong_name_says_so(postgres: PostgresServer) -> None:
    with pytest.raises(SettingsError, match="There is no database of that name"):
        async with opened(postgres.url("nowhere")):
            pass
