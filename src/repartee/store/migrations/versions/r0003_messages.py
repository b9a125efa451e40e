"""Spoken messages in conversations that their clients name."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "session_id",
            sa.Text,
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            nullable=False,
        ),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("conversation_id", "user_id", "text", "language")
        ),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("duration_seconds", sa.Double, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("assistant_text", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
    )
    conversation = ["conversation_id", "created_at", "id"]
    op.create_index("messages_by_conversation", "messages", conversation)
    op.create_index("messages_by_session", "messages", ["session_id"])
