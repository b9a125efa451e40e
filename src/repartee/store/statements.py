"""What the two dialects write differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Double, Table, cast, extract, func, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_SECONDS_OF_SQLITE = "(julianday('now') - 2440587.5) * 86400.0"


def upsert(
    engine: AsyncEngine, table: Table, *, key: tuple[str, ...], fixed: tuple[str, ...] = ()
) -> Any:
    """Insert, or replace all but what is fixed in the row that has the same key."""
    statement = _DIALECTS[engine.dialect.name].insert(table)
    changing = [name for name in table.c.keys() if name not in key + fixed]  # noqa: SIM118
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in changing}
    )


def database_time(engine: AsyncEngine) -> ColumnElement[float]:
    """Seconds since 1970 by the clock of the database, which is the same for all its servers."""
    if engine.dialect.name == "sqlite":
        return literal_column(_SECONDS_OF_SQLITE)
    return cast(extract("epoch", func.clock_timestamp()), Double)
