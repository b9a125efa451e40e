"""Keys that open the server, and whose each session is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "access_keys",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
    )
    op.add_column("sessions", sa.Column("owner", sa.Text, nullable=False, server_default=""))
    op.create_index("sessions_by_owner", "sessions", ["owner", "created_at", "id"])
