"""From DATABASE_URL to a store that is ready."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from repartee.errors import SettingsError
from repartee.store.postgres import postgres_engine
from repartee.store.protocol import Store, StoreUnavailable
from repartee.store.sql import SqlStore
from repartee.store.sqlite import sqlite_engine
from repartee.store.urls import Postgres, read_url

log = logging.getLogger(__name__)


def store_at(url: str) -> Store:
    """Not yet opened; `SettingsError` when the address can't be understood."""
    place = read_url(url)
    if isinstance(place, Postgres):
        return SqlStore(postgres_engine(place))
    return SqlStore(sqlite_engine(place))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store at this address while the block lasts; what a killed server left is tidied."""
    store = store_at(url)
    try:
        try:
            await store.open()
            abandoned = await store.mark_abandoned()
        except StoreUnavailable as trouble:
            raise SettingsError(
                f"The database that DATABASE_URL names can't be used: {trouble.sentence}",
                hint=trouble.hint,
            ) from None
        if abandoned:
            log.info("%d sessions that were cut off by a sudden end are closed.", abandoned)
        yield store
    finally:
        await store.close()
