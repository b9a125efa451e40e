"""Alembic's entrance: it works in the transaction that `schema.py` has opened."""

from alembic import context

from repartee.store.schema import VERSION_TABLE
from repartee.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
