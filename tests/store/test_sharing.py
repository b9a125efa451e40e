"""Several servers on one database: each is let be while it lives, and what one left is ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from repartee.store import in_use
from repartee.store.heartbeat import SILENT_SECONDS
from repartee.store.opening import opened, store_at
from repartee.store.protocol import Session, SessionStatus, Store
from repartee.store.urls import SqliteFile
from repartee.testing.checks.store import a_session, a_turn
from tests.store.test_schema import LASTING

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def server_at(url: str) -> AsyncIterator[Store]:
    """One that was started earlier, and is alive."""
    store = store_at(url)
    await store.open()
    await store.beat([])
    yield store
    await store.close()


async def statuses(store: Store, *sessions: Session) -> list[SessionStatus]:
    return [(await store.session(session.id)).status for session in sessions]


@LASTING
class TestWhoIsAlive:
    async def test_what_a_living_server_serves_stays_when_another_one_starts(
        self, url: str
    ) -> None:
        session = a_session()
        async with opened(url) as one:
            await one.beat([])
            await one.keep([session], [])
            async with opened(url) as other:
                assert await statuses(other, session) == ["active"]
                assert await other.mark_abandoned(SILENT_SECONDS) == 0

    async def test_what_a_silent_one_served_is_ended_by_any_other(self, url: str) -> None:
        silent, living = a_session(), a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([silent], [])
            await other.keep([living], [])
            await one_is_silent(other, for_seconds=SILENT_SECONDS + 1)
            await other.beat([living])
            assert await other.mark_abandoned(SILENT_SECONDS) == 1
            assert await statuses(other, silent, living) == ["abandoned", "active"]

    async def test_one_that_was_only_cut_off_has_its_sessions_again(self, url: str) -> None:
        session = a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([session], [])
            await other.mark_abandoned(silent_seconds=0)
            assert await statuses(other, session) == ["abandoned"]
            await one.beat([session])
            assert await statuses(other, session) == ["active"]
            assert await other.mark_abandoned(SILENT_SECONDS) == 0

    async def test_what_a_server_that_knows_no_signs_has_left_is_ended(self, url: str) -> None:
        """As it is with all that was active when the database was brought up to date."""
        session = a_session()
        async with server_at(url) as one:
            await one.keep([session], [])
            await execute(one, "UPDATE sessions SET server = ''")
            assert await one.mark_abandoned(SILENT_SECONDS) == 1

    async def test_a_server_knows_whether_there_are_others(self, url: str) -> None:
        async with server_at(url) as one:
            assert not await one.has_company(25)
            async with server_at(url):
                assert await one.has_company(25)
            await one_is_silent(one, for_seconds=26)
            await one.beat([])
            assert not await one.has_company(25)


@LASTING
class TestWhoServesIt:
    async def test_a_late_write_harms_nothing_of_the_newer_line(self, url: str) -> None:
        session = a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([session], [a_turn(session, 1)])
            newer = await other.take_over(session.id)
            await other.keep([newer], [a_turn(session, 2, user_text="new")])
            ended = msgspec.structs.replace(session, status="ended", ended_at=1.0)
            late = a_turn(session, 2, user_text="late")
            assert await one.keep([ended], [late]) == {session.id}
            assert [turn.user_text for turn in await other.turns(session.id)][1:] == ["new"]
            assert await statuses(other, session) == ["active"]

    async def test_the_old_server_hears_of_it_by_its_next_sign(self, url: str) -> None:
        lost, kept = a_session(), a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([lost, kept], [])
            assert await one.beat([lost, kept]) == frozenset()
            newer = await other.take_over(lost.id)
            await other.keep([newer], [])
            assert await one.beat([lost, kept]) == {lost.id}
            assert await other.beat([newer]) == frozenset()
            assert await statuses(other, lost, kept) == ["active", "active"]

    async def test_when_both_want_it_the_later_one_has_it(self, url: str) -> None:
        session = a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([session], [])
            first, second = await one.take_over(session.id), await other.take_over(session.id)
            assert (first.generation, second.generation) == (1, 2)
            assert await one.keep([first], []) == {session.id}
            assert await other.keep([second], []) == frozenset()

    async def test_a_resumption_that_came_to_nothing_leaves_no_session_open(self, url: str) -> None:
        """Its line may have been refused: all places were taken."""
        session = a_session()
        async with server_at(url) as one, server_at(url) as other:
            await one.keep([session], [])
            await other.take_over(session.id)
            await other.beat([])
            assert await statuses(other, session) == ["ended"]


async def one_is_silent(store: Store, for_seconds: float) -> None:
    """All of them; who lives gives its next sign."""
    await execute(store, f"UPDATE signs_of_life SET seen_at = seen_at - {for_seconds}")


async def execute(store: Store, statement: str) -> None:
    async with store._writer.begin() as connection:  # type: ignore[attr-defined]
        await connection.execute(text(statement))


# ---------------------------------------------------------------- one file


async def test_a_server_that_is_started_again_knows_that_it_is_alone(tmp_path: Path) -> None:
    """However fresh the last sign of its former life is."""
    url, session = f"sqlite:///{tmp_path}/repartee.db", a_session()
    async with opened(url) as store:
        await store.beat([])
        await store.keep([session], [])
    async with opened(url) as store:
        assert await statuses(store, session) == ["abandoned"]


async def test_it_is_not_alone_while_any_other_one_lives(tmp_path: Path) -> None:
    url, session = f"sqlite:///{tmp_path}/repartee.db", a_session()
    async with opened(url) as first:
        async with opened(url):
            await first.beat([])
            await first.keep([session], [])
        async with opened(url) as third:
            assert await statuses(third, session) == ["active"]


async def test_a_killed_one_is_no_longer_there(tmp_path: Path) -> None:
    url, session = f"sqlite:///{tmp_path}/repartee.db", a_session()
    with another_process(url):
        async with opened(url) as store:
            await store.beat([])
            await store.keep([session], [])
        async with opened(url) as store:
            assert await statuses(store, session) == ["active"]
    async with opened(url) as store:
        assert await statuses(store, session) == ["abandoned"]


HOLDS_IT = """
import asyncio, sys
from repartee.store.opening import opened

async def main():
    async with opened(sys.argv[1]):
        print("It is open.", flush=True)
        input()

asyncio.run(main())
"""


@contextmanager
def another_process(url: str) -> Iterator[None]:
    """It has the store open, and is killed when this is left."""
    program = [sys.executable, "-c", HOLDS_IT, url]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        try:
            yield
        finally:
            other.kill()


async def test_two_that_start_at_once_wait_for_each_other_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_use, "_PATIENCE_SECONDS", 0.01)
    place = SqliteFile(tmp_path / "repartee.db")
    with in_use.in_use(place) as first, in_use.in_use(place) as second:
        assert (first.alone, second.alone) == (True, False)
        await second.let_others_in()
        await first.let_others_in()
        await second.let_others_in()
        with in_use.in_use(place) as third:
            assert not third.alone


# ---------------------------------------------------------------- for nobody else


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.mark.usefixtures("generous_umask")
async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/repartee.db") as store:
        await store.keep([a_session()], [])
        modes = modes_in(tmp_path)
    ends = ("", "-wal", "-shm", "-in-use")
    assert modes == {f"repartee.db{end}": 0o600 for end in ends}


@pytest.mark.usefixtures("generous_umask")
async def test_what_somebody_has_set_stays(tmp_path: Path) -> None:
    file = tmp_path / "repartee.db"
    file.touch(0o640)
    async with opened(f"sqlite:///{file}"):
        pass
    assert modes_in(tmp_path)[file.name] == 0o640
