"""How soon each stage of a turn came, how it was put in, and who the session was for.

With them the indices that listing and retention read by.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("persona", "client"):
        op.add_column("sessions", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("sessions_by_age", "sessions", ["created_at", "id"])
    op.create_index("sessions_by_end", "sessions", ["ended_at"])
    op.add_column("turns", sa.Column("mode", sa.Text, nullable=False, server_default="spoken"))
    for stage in ("first_partial", "final_transcript", "first_token", "first_audio"):
        op.add_column("turns", sa.Column(f"time_to_{stage}", sa.Double))
