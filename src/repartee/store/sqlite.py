"""SQLite, by aiosqlite: a file, or memory that is gone with the process.

The file is in WAL mode, so readers and the writer don't wait for each other, with `synchronous`
at NORMAL: what is committed survives the death of the process, `kill -9` included, because the
operating system has it by then. Only a crash of the machine itself can take the last commits.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from repartee.store.urls import SqliteFile, SqliteMemory

BUSY_TIMEOUT_MS = 400
"""How long a statement waits while another program writes; the keeper then tries again."""
_CONNECTIONS = 4
_POOL_PATIENCE_SECONDS = 5
_IN_MEMORY = {"vfs": "memdb", "uri": "true"}
"""One memory for all connections to the same name, with the locks of a file."""
_PRAGMAS = {
    "foreign_keys": "ON",
    "synchronous": "NORMAL",
    "temp_store": "MEMORY",
    "secure_delete": "ON",  # what somebody wants forgotten is overwritten in the file as well
}


def sqlite_engine(
    place: SqliteFile | SqliteMemory,
    *,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
    pragmas: Mapping[str, object] | None = None,
) -> AsyncEngine:
    """`pragmas` are set on each connection, after and above those of the house."""
    in_file = isinstance(place, SqliteFile)
    name = str(place.path) if isinstance(place, SqliteFile) else f"file:/{uuid4()}"
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=name, query={} if in_file else _IN_MEMORY),
        pool_size=_CONNECTIONS if in_file else 1,
        max_overflow=0,
        pool_timeout=_POOL_PATIENCE_SECONDS,
        connect_args={"timeout": busy_timeout_ms / 1000, "isolation_level": None},
        hide_parameters=True,
    )
    _set_up_connections(engine.sync_engine, {**_PRAGMAS, **(pragmas or {})})
    if isinstance(place, SqliteFile):
        _keep_private(engine.sync_engine, place.path)
        _notice_another_file(engine.sync_engine, place.path)
    else:
        _hold(engine.sync_engine, f"{name}?vfs=memdb")
    return engine


def _set_up_connections(engine: Engine, pragmas: Mapping[str, object]) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        with contextlib.suppress(sqlite3.OperationalError):  # locked or read-only: told on use
            cursor.execute("PRAGMA journal_mode=WAL")
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        """Who is going to write says so at once: upgrading a read later can lose an update."""
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _keep_private(engine: Engine, path: Path) -> None:
    """A new file is for nobody but its owner: SQLite would let everybody on the machine read it.
    What it writes beside the file gets the same rights. Those of a file that is there are left as
    somebody has set them."""

    @event.listens_for(engine, "do_connect")
    def connecting(*_: object) -> None:
        with contextlib.suppress(OSError):  # it is there, or can't be made: told on use
            os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, 0o600))


def _notice_another_file(engine: Engine, path: Path) -> None:
    """A file that was deleted or replaced could still be written to, and all of it be lost."""

    @event.listens_for(engine, "connect")
    def connected(_: Any, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def taken(_: Any, record: Any, __: object) -> None:
        if record.info["file"] != _identity(path):
            raise InvalidatePoolError("The file of the database is another one.")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _hold(engine: Engine, name: str) -> None:
    """Such a database lives as long as anybody is connected, so somebody always is."""
    anchor = sqlite3.connect(name, uri=True, check_same_thread=False)
    event.listen(engine, "engine_disposed", lambda _: anchor.close())
