"""Which server serves a session, how often it changed hands, and which servers are alive."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("server", sa.Text, nullable=False, server_default=""))
    generation = sa.Column("generation", sa.Integer, nullable=False, server_default="0")
    op.add_column("sessions", generation)
    op.create_index("sessions_by_server", "sessions", ["status", "server"])
    op.create_table(
        "signs_of_life",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
