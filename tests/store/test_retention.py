"""Old sessions are forgotten: soon after the start, then every hour, a little at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from repartee.store.opening import opened
from repartee.store.protocol import Store, StoreUnavailable, UnknownSession
from repartee.store.retention import (
    BATCH,
    BREATH_SECONDS,
    EVERY_SECONDS,
    FIRST_AFTER_SECONDS,
    forget_old_sessions,
)
from repartee.testing.checks.store import a_session, a_turn

pytestmark = pytest.mark.anyio

NOW = 1_750_000_000.0
DAY = 86_400.0


class Enough(Exception):
    """The test has seen what it wanted."""


class Naps:
    """A sleep that takes no time and ends the test after some."""

    def __init__(self, count: int) -> None:
        self.taken: list[float] = []
        self._count = count

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) > self._count:
            raise Enough


class Answers:
    """A store of which only forgetting is asked; it deletes as many rows as it is told."""

    def __init__(self, *deleted: int | Exception) -> None:
        self._deleted = list(deleted)
        self.moments: list[float] = []

    async def delete_older_than(self, moment: float, batch: int) -> int:
        assert batch == BATCH
        self.moments.append(moment)
        deleted = self._deleted.pop(0) if self._deleted else 0
        if isinstance(deleted, Exception):
            raise deleted
        return deleted

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"Forgetting does not call {name}.")


async def forget(store: Store, naps: Naps, days: float = 30) -> list[float]:
    with pytest.raises(Enough):
        await forget_old_sessions(store, days, lambda: NOW, naps)
    return naps.taken


async def test_it_begins_soon_and_goes_on_every_hour() -> None:
    store = Answers()
    taken = await forget(store, Naps(2))
    assert taken == [FIRST_AFTER_SECONDS, EVERY_SECONDS, EVERY_SECONDS]
    assert store.moments == [NOW - 30 * DAY] * 2


async def test_between_batches_others_have_their_turn() -> None:
    taken = await forget(Answers(BATCH, BATCH, 7), Naps(3))
    assert taken[1:] == [BREATH_SECONDS, BREATH_SECONDS, EVERY_SECONDS]


async def test_a_database_that_is_away_is_asked_again_later() -> None:
    store = Answers(StoreUnavailable("The database can't be reached."))
    taken = await forget(store, Naps(2))
    assert taken == [FIRST_AFTER_SECONDS, EVERY_SECONDS, EVERY_SECONDS]


async def test_zero_days_keep_everything_for_ever() -> None:
    naps = Naps(0)
    await forget_old_sessions(Answers(), 0, lambda: NOW, naps)
    assert naps.taken == []


async def test_files_go_with_what_is_as_old() -> None:
    """Even where the database is away: each server has files of its own."""
    moments: list[float] = []

    async def forget_files(moment: float) -> None:
        moments.append(moment)

    store = Answers(StoreUnavailable("The database can't be reached."))
    with pytest.raises(Enough):
        await forget_old_sessions(store, 30, lambda: NOW, Naps(2), forget_files)
    assert moments == [NOW - 30 * DAY] * 2


async def test_what_is_older_goes_and_what_is_younger_stays(url: str) -> None:
    old = a_session(created_at=NOW - 40 * DAY, status="ended", ended_at=NOW - 31 * DAY)
    young = a_session(created_at=NOW - 40 * DAY, status="ended", ended_at=NOW - 29 * DAY)
    many = [a_turn(old, number) for number in range(2 * BATCH)]
    async with opened(url) as store:
        await store.keep([old, young], [*many, a_turn(young)])
        await forget(store, Naps(4))
        assert [session.id for session in await store.sessions(10)] == [young.id]
        assert len(await store.turns(young.id)) == 1
        with pytest.raises(UnknownSession):
            await store.turns(old.id)


async def test_it_can_be_stopped_at_any_time() -> None:
    asleep = asyncio.Event()

    async def sleep(_: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(forget_old_sessions(Answers(), 1, lambda: NOW, sleep))
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
