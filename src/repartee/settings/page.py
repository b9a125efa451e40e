"""What a page is told."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section


class PageSettings(Section):
    """What `GET /config` tells a page. They change how it plays and shows, not what is sent."""

    default_volume: float = Field(default=0.8, ge=0, le=1, description="The volume at first.")
    enable_audio: bool = Field(
        default=True, description="false: the page shows replies without sound."
    )
    auto_scroll: bool = Field(default=True, description="The newest message stays in sight.")
    save_chat_history: bool = Field(default=True, description="The browser keeps the messages.")
    max_chat_history: int = Field(
        default=100, ge=0, le=10_000, description="How many messages the browser keeps."
    )
    chunk_size: int = Field(
        default=320,
        ge=128,
        le=16_384,
        description="Samples (16 kHz) in each piece of sound the page sends: 320 are 20 ms.",
    )
    max_queue_size: int = Field(
        default=10,
        ge=1,
        le=1_000,
        description="Pieces of sound that may wait in the page to be played.",
    )
    audio_buffer_size: int = Field(
        default=2_048,
        ge=0,
        le=240_000,
        description="Samples (24 kHz) that the page gathers before it begins to play.",
    )
    tts_sample_rate: int = Field(
        default=24_000,
        ge=8_000,
        le=48_000,
        description="The rate in Hz at which the page opens its output. Sound is sent at 24000 Hz "
        "whatever this says; a browser converts between the two.",
    )
