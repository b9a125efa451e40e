"""How much one caller may have, and how long what goes on may last."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.values import LimitsMode, LimitsStorage


class LimitSettings(Section):
    """How much one caller may have: whoever shows a key, or else an address. See limits.md."""

    limits: LimitsMode = Field(
        default="auto",
        description="Whether callers are counted; auto does so where others than those at this "
        "machine can reach the server.",
    )
    limits_storage: LimitsStorage = Field(
        default="memory",
        description="Where it is counted: memory, or a Redis that several servers share.",
    )
    limit_requests_per_minute: int = Field(
        default=600,
        ge=0,
        le=1_000_000,
        description="Requests, connections and turns of one caller; 0 is no limit.",
    )
    limit_broker_requests_per_minute: int = Field(
        default=6_000,
        ge=0,
        le=1_000_000,
        description="Requests of one caller at a broker, where a server asks for all of its own; 0 "
        "is no limit.",
    )
    limit_calls: int = Field(
        default=20,
        ge=0,
        le=10_000,
        description="Calls of one caller at the same time, on one server; 0 is no limit.",
    )
    limit_refused_keys_per_minute: int = Field(
        default=20,
        ge=0,
        le=1_000_000,
        description="Keys and tokens from one address that are not known here; whoever has shown "
        "so many waits. 0 is no limit.",
    )
    limit_connections: int = Field(
        default=200,
        ge=0,
        le=100_000,
        description="Connections of one address at the same time, silent ones too; 0 is no limit.",
    )
    limit_audio_minutes_per_hour: int = Field(
        default=600,
        ge=0,
        le=1_000_000,
        description="Sound that one caller sends to be heard, silence included; 0 is no limit.",
    )
    limit_audio_minutes_per_day: int = Field(
        default=4_800, ge=0, le=10_000_000, description="The same for a day; 0 is no limit."
    )
    limit_characters_per_hour: int = Field(
        default=500_000,
        ge=0,
        le=1_000_000_000,
        description="Text that one caller has spoken outside of calls; 0 is no limit.",
    )
    capacity: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="How many calls this machine carries, where you know better than what the "
        "server measures; 0: it measures. MAX_CALLS is never exceeded.",
    )
    idle_seconds: float = Field(
        default=1_800,
        ge=0,
        le=86_400,
        description="A call on which nothing is said or sent for so long is ended; 0: never.",
    )
    max_call_minutes: float = Field(
        default=720, ge=0, le=10_080, description="A call that lasts longer is ended; 0: never."
    )
    head_seconds: float = Field(
        default=10,
        ge=1,
        le=3_600,
        description="What a request begins with, its headers, must have come within this time, or "
        "the connection ends.",
    )
    body_seconds: float = Field(
        default=60,
        ge=1,
        le=3_600,
        description="The body of a request must have come within this time.",
    )
