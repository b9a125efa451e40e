"""The tables as they are now. How they came to be is in `migrations/`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("interface", Text, nullable=False),
    Column("persona", Text, nullable=False, server_default=""),
    Column("client", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("owner", Text, nullable=False, server_default=""),
    Column("server", Text, nullable=False, server_default=""),
    Column("generation", Integer, nullable=False, server_default="0"),
    Index("sessions_by_age", "created_at", "id"),
    Index("sessions_by_end", "ended_at"),
    Index("sessions_by_owner", "owner", "created_at", "id"),
    Index("sessions_by_server", "status", "server"),
)

TURNS = Table(
    "turns",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("mode", Text, nullable=False, server_default="spoken"),
    Column("status", Text, nullable=False),
    Column("user_text", Text, nullable=False),
    Column("assistant_text", Text, nullable=False),
    Column("heard_text", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("time_to_first_partial", Double),
    Column("time_to_final_transcript", Double),
    Column("time_to_first_token", Double),
    Column("time_to_first_audio", Double),
    UniqueConstraint("session_id", "number", name="one_turn_of_a_number"),
)

MESSAGES = Table(
    "messages",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("duration_seconds", Double, nullable=False),
    Column("model", Text, nullable=False),
    Column("assistant_text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("messages_by_conversation", "conversation_id", "created_at", "id"),
    Index("messages_by_session", "session_id"),
)

KEYS = Table(
    "access_keys",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
)

SIGNS_OF_LIFE = Table(
    "signs_of_life",
    METADATA,
    Column("server", Text, primary_key=True),
    Column("seen_at", Double, nullable=False),
)
