"""A database that gets into trouble in the middle of a call, and comes back.

The call itself, the keeper and SQLite are the real ones. Whoever is on the line is answered as
ever; a turn that could not be kept is said to be lost, and each that was not is there.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import event

from repartee.calls.clock import now
from repartee.store.keeper import PATIENCE_SECONDS
from repartee.store.sql import SqlStore
from repartee.store.sqlite import sqlite_engine
from repartee.store.urls import SqliteFile
from tests.calls.virtual_time import Backend
from tests.fuzz import whole_app as whole
from tests.fuzz.patient_time import IN_PATIENT_TIME, Patiently, patient_store, thread_at_work
from tests.fuzz.whole_app import Phone, WholeApp

pytestmark = pytest.mark.anyio

WITHIN_SECONDS = 2.0


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_PATIENT_TIME


class Disk:
    """Where the database lies, and what can happen to it; `limits` hold for the server alone."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "data" / "calls.db"
        self.file.parent.mkdir()
        self.limits: dict[str, int] = {"query_only": 0, "max_page_count": 1_000_000}

    @asynccontextmanager
    async def store(self, url: str) -> AsyncIterator[Any]:
        engine = sqlite_engine(SqliteFile(self.file), busy_timeout_ms=5)
        event.listen(engine.sync_engine, "checkout", self._limited)
        store = SqlStore(engine)
        with thread_at_work():
            await store.open()
        yield Patiently(store)
        with thread_at_work():
            await store.close()

    def _limited(self, connection: Any, *_: object) -> None:
        for name, value in self.limits.items():
            connection.execute(f"PRAGMA {name} = {value}").close()

    # ------------------------------------------------------------ troubles

    @contextmanager
    def locked(self) -> Iterator[None]:
        other = sqlite3.connect(self.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        self.limits["query_only"] = 1
        yield
        self.limits["query_only"] = 0

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a page more than it has; it has room in those, so a turn has to be long."""
        self.limits["max_page_count"] = 1
        yield
        self.limits["max_page_count"] = 1_000_000

    @contextmanager
    def gone(self) -> Iterator[None]:
        elsewhere = self.file.parent.with_name("elsewhere")
        self.file.parent.rename(elsewhere)
        yield
        elsewhere.rename(self.file.parent)

    @contextmanager
    def damaged(self) -> Iterator[None]:
        """Replaced by something else; afterwards it is as it was."""
        with self.gone():
            self.file.parent.mkdir()
            self.file.write_text("This is a diary, and no database. " * 100)
            yield
            shutil.rmtree(self.file.parent)


TROUBLES: dict[str, Callable[[Disk], AbstractContextManager[None]]] = {
    "locked": Disk.locked,
    "read-only": Disk.read_only,
    "full": Disk.full,
    "gone": Disk.gone,
    "damaged": Disk.damaged,
}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk(tmp_path)
    monkeypatch.setattr(whole, "patient_store", disk.store)
    return disk


class Caller:
    """`said` are the turns, `lost` how many of them the server has said to be lost."""

    def __init__(self, phone: Phone) -> None:
        self.said: list[str] = []
        self.lost: list[str] = []
        self._phone = phone

    async def ask(self, message: str) -> None:
        """Sound comes soon, and the end of the answer not much later, whatever becomes of it."""
        so_far, began = len(self._phone.frames), now()
        self.said.append(message)
        self._phone.say(type="chat", message=message)
        await self._phone.until(lambda f: f in self._new(so_far) and "wav" in _kind_of(f))
        assert now() - began < WITHIN_SECONDS
        await self._phone.next("response_complete", so_far)
        assert now() - began < WITHIN_SECONDS + PATIENCE_SECONDS
        errors = [frame for frame in self._new(so_far) if frame["type"] == "error"]
        if errors:
            assert [error["code"] for error in errors] == ["turn_not_saved"]
            self.lost.append(message)

    def _new(self, so_far: int) -> list[dict[str, Any]]:
        return self._phone.frames[so_far:]


def _kind_of(frame: dict[str, Any]) -> str:
    is_sound = frame["type"] == "chunk" and frame["data"]["type"] == "audio"
    return "wav" if is_sound else frame["type"]


async def check_answers(app: WholeApp, *statuses: int) -> None:
    """Whoever asks about sessions meanwhile gets them, or is told why not."""
    async with app.asking() as client:
        response = await client.get("/sessions")
    assert response.status_code in statuses
    if response.status_code != 200:
        assert "database" in response.json()["error"]


@pytest.mark.parametrize("what", TROUBLES)
@pytest.mark.parametrize("turns_meanwhile", [1, 3])
async def test_calls_go_on_and_only_what_is_said_to_be_lost_is(
    disk: Disk, what: str, turns_meanwhile: int
) -> None:
    async with whole.whole_app() as app, app.phone("/ws") as phone:
        caller = Caller(phone)
        await caller.ask("before")
        with TROUBLES[what](disk):
            for number in range(turns_meanwhile):
                await caller.ask(f"meanwhile {number} " + "and so on " * 300)
            await check_answers(app, 200, 503)
        await anyio.sleep(5)
        await caller.ask("afterwards")
        await check_answers(app, 200)
        assert len(caller.lost) == turns_meanwhile == app.house.keeper.lost
    async with patient_store(f"sqlite:///{disk.file}") as store:
        (session,) = await store.sessions(10)
        kept = [turn.user_text.strip() for turn in await store.turns(session.id)]
    assert kept == [text.strip() for text in caller.said if text not in caller.lost]
    assert session.status == "ended"


async def test_a_short_lock_costs_nothing(disk: Disk) -> None:
    async with whole.whole_app() as app, app.phone("/ws") as phone:
        caller = Caller(phone)
        await caller.ask("before")
        async with anyio.create_task_group() as tasks:

            async def for_a_moment() -> None:
                with disk.locked():
                    await anyio.sleep(0.3)

            tasks.start_soon(for_a_moment)
            await anyio.sleep(0.01)
            await caller.ask("meanwhile")
        assert caller.lost == []


async def test_a_call_that_begins_without_a_database_is_kept_from_when_it_is_back(
    disk: Disk,
) -> None:
    async with whole.whole_app() as app:
        with disk.locked():
            async with app.phone("/ws") as phone:
                caller = Caller(phone)
                await caller.ask("nobody writes this down")
                assert caller.lost
        async with app.phone("/ws") as phone:
            await Caller(phone).ask("but this")
    async with patient_store(f"sqlite:///{disk.file}") as store:
        sessions = await store.sessions(10)
        turns = [turn.user_text for one in sessions for turn in await store.turns(one.id)]
    assert turns == ["but this"]
