"""PostgreSQL, by asyncpg, which reads the address itself: sslmode, sockets, several hosts."""

from __future__ import annotations

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from repartee.store.failures import NO_OPTION
from repartee.store.protocol import StoreUnavailable
from repartee.store.urls import Postgres

_CONNECTIONS = 5
_POOL_PATIENCE_SECONDS = 5
_CONNECT_SECONDS = 5
_COMMAND_SECONDS = 30


def postgres_engine(place: Postgres) -> AsyncEngine:
    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                place.dsn, timeout=_CONNECT_SECONDS, command_timeout=_COMMAND_SECONDS
            )
        except (ValueError, TypeError):
            sentence, hint = NO_OPTION
            raise StoreUnavailable(sentence, hint=hint) from None

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_PATIENCE_SECONDS,
        pool_pre_ping=True,  # a database that was restarted is noticed before it is needed
        hide_parameters=True,
    )
