"""The server itself, and what it writes to its log."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.values import Host, LogFormat, LogLevel, Origins


class ServerSettings(Section):
    """Where the server listens, to whom, and how much it takes on."""

    host: Host = Field(
        default="127.0.0.1",
        description="The address to listen on. 0.0.0.0 opens the server to the network.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="The port of every interface.")
    cors_origins: Origins = Field(
        default=("http://localhost:3000",),
        description="Web pages of these origins may use the server, beside its own page.",
    )
    max_calls: int = Field(
        default=100, ge=1, le=10_000, description="Calls at the same time; one more is turned away."
    )
    max_connections: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Connections at the same time, of calls and all others; 0: eight for each of "
        "MAX_CALLS, and at least 200.",
    )
    max_frame_bytes: int = Field(
        default=1_048_576,
        ge=16_384,
        le=67_108_864,
        description="The longest message or request in bytes; a longer one is refused.",
    )
    max_upload_mb: int = Field(
        default=25,
        ge=1,
        le=1_024,
        description="The largest recording that may be uploaded, in megabytes.",
    )
    upload_seconds: float = Field(
        default=300,
        ge=1,
        le=86_400,
        description="An upload whose answer nobody asks for is forgotten after so long.",
    )
    max_text_chars: int = Field(
        default=4_000, ge=1, le=100_000, description="The longest message that may be typed."
    )
    max_turn_seconds: float = Field(
        default=60, ge=1, le=600, description="Who speaks longer is answered in mid-sentence."
    )
    send_timeout_seconds: float = Field(
        default=5, ge=0.5, le=60, description="A client that takes nothing for so long is dropped."
    )
    shutdown_seconds: float = Field(
        default=10,
        ge=0,
        le=300,
        description="How long calls may go on after the server is told to stop.",
    )


class LogSettings(Section):
    """What is written to the log (standard error), and how."""

    debug: bool = Field(
        default=False, description="Logs everything, and shows where in the code an error arose."
    )
    log_level: LogLevel = Field(
        default="INFO", description="The least important message that is logged."
    )
    log_format: LogFormat = Field(
        default="text", description="A readable line, or one JSON object per line."
    )
    log_transcripts: bool = Field(
        default=False,
        description="Puts what was said into the log; otherwise only how many words it was.",
    )
