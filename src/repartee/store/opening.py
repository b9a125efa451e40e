"""From DATABASE_URL to a store that is ready."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from repartee.errors import SettingsError
from repartee.store.heartbeat import SILENT_SECONDS
from repartee.store.in_use import in_use
from repartee.store.postgres import postgres_engine
from repartee.store.protocol import Store, StoreUnavailable
from repartee.store.sql import SqlStore
from repartee.store.sqlite import sqlite_engine
from repartee.store.urls import Postgres, read_url

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.2


def store_at(url: str) -> Store:
    """Not yet opened; `SettingsError` when the address can't be understood."""
    place = read_url(url)
    if isinstance(place, Postgres):
        return SqlStore(postgres_engine(place))
    return SqlStore(sqlite_engine(place))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store at this address while the block lasts; what a killed server left is tidied.

    Where nobody else can be at work in it, all that is active there was left. Elsewhere it takes a
    while until a silent server counts as dead.
    """
    async with visited(url) as store:
        with in_use(read_url(url)) as use:
            await _tidy(store, 0 if use.alone else SILENT_SECONDS)
            await use.let_others_in()
            yield store


@asynccontextmanager
async def visited(url: str) -> AsyncIterator[Store]:
    """The same beside a server that may be at work in it: nothing is tidied."""
    store = store_at(url)
    try:
        await _open(store)
        yield store
    finally:
        await store.close()


async def _open(store: Store) -> None:
    """A backup, or the server before this one, may hold the database for a moment."""
    give_up_at = anyio.current_time() + PATIENCE_SECONDS
    while True:
        try:
            return await store.open()
        except StoreUnavailable as trouble:
            if anyio.current_time() > give_up_at:
                raise SettingsError(
                    f"The database that DATABASE_URL names can't be used: {trouble.sentence}",
                    hint=trouble.hint,
                ) from None
            await anyio.sleep(PAUSE_SECONDS)


async def _tidy(store: Store, silent_seconds: float) -> None:
    """End what a killed server left. If the database takes nothing now, calls go on all the same,
    and the next start tries again."""
    try:
        abandoned = await store.mark_abandoned(silent_seconds)
    except StoreUnavailable as trouble:
        log.warning("The database takes nothing just now; turns may be lost. %s", trouble)
        return
    if abandoned:
        log.info("%d sessions that were cut off by a sudden end are closed.", abandoned)
