"""What is kept of calls: in the database, and word for word."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section


class StoreSettings(Section):
    """Where calls and their turns are kept, and for how long."""

    database_url: str = Field(
        default="sqlite:///./repartee.db",
        min_length=1,
        max_length=2_000,
        repr=False,
        description="The database: sqlite:///./file.db, sqlite:///:memory: to keep nothing, or "
        "postgresql://user:password@host/database.",
    )
    retention_days: float = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Calls that ended longer ago than this are deleted; 0 keeps them for ever.",
    )


class RecordSettings(Section):
    """What is kept of calls, word for word. Off, unless you and those who call agree to it."""

    record_calls: bool = Field(
        default=False,
        description="Writes a journal of every call, which `repartee replay` runs again. It holds "
        "all that was said and answered.",
    )
    record_audio: bool = Field(
        default=False,
        description="Records every call with its sound: beside the journal, what was heard and "
        "what was spoken, as WAV files.",
    )
    record_dir: str = Field(
        default="recordings",
        min_length=1,
        max_length=1_000,
        description="The folder for recordings. One is deleted when its session is, and after "
        "RETENTION_DAYS.",
    )
