"""The database's tables brought to the state this version knows, at every start.

A database that is current costs one look: Alembic is imported only when there is work to do.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, Table, Text, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from repartee.errors import SettingsError
from repartee.store.failures import in_plain_words
from repartee.store.tables import METADATA

log = logging.getLogger(__name__)

HEAD = "0005"
"""The newest revision in `migrations/versions`."""
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "repartee_schema"
"""A name of our own, so that the database may be shared with another program."""
_VERSIONS = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))
_ONE_AT_A_TIME = 0x52455041
"""The number of the lock under which one server migrates while another one waits."""


async def bring_up_to_date(writer: AsyncEngine) -> None:
    with in_plain_words():
        async with writer.execution_options(writes=False).connect() as connection:
            if await connection.run_sync(version_of) == HEAD:
                return
        async with writer.begin() as connection:
            await connection.run_sync(_upgrade)
    log.info("The database is up to date.")


def version_of(connection: Connection) -> str | None:
    """The revision that the tables are at; None for an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_VERSIONS.c.version_num)).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    """All revisions in one transaction: a database is never left between two of them."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    version = version_of(connection)
    if version is None:
        _look_for_strangers(connection)
    upgrade(connection, HEAD)


def upgrade(connection: Connection, revision: str) -> None:
    """Run the migrations up to this revision, inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    version = version_of(connection)
    if version is not None and version not in known:
        raise SettingsError(
            f"The database that DATABASE_URL names was written by a newer Repartee: its tables "
            f"are at revision {version}, and this version knows them up to {HEAD}.",
            hint="Start the newer version, or name another database.",
        )
    command.upgrade(config, revision)


def _look_for_strangers(connection: Connection) -> None:
    ours = set(METADATA.tables)
    taken = ours.intersection(inspect(connection).get_table_names())
    if taken:
        raise SettingsError(
            f"The database that DATABASE_URL names has a table named {min(taken)} that is not "
            "Repartee's.",
            hint="Name a database of its own.",
        )
