"""How it talks: what is answered, in which voice, and whose turn it is."""

from __future__ import annotations

from pydantic import Field, field_validator

from repartee.conversation.rules import SOONEST_HOLD_MS, Rules
from repartee.errors import SettingsError
from repartee.settings.section import Section
from repartee.settings.values import Language, Speculation, VoiceName


class ReplySettings(Section):
    """What is answered, and in which voice."""

    instructions: str = Field(
        default=Rules().instructions,
        max_length=20_000,
        description="Who the voice is. A rule to speak naturally and briefly is always added.",
    )
    personas_file: str = Field(
        default="personas.toml",
        min_length=1,
        max_length=1_000,
        description="More personas to choose from, if this file is there. It is read again "
        "whenever it changes.",
    )
    memory_messages: int = Field(
        default=12,
        ge=0,
        le=1_000,
        description="How many of the latest messages the model is shown.",
    )
    max_new_tokens: int = Field(
        default=220, ge=1, le=4_096, description="The longest reply, in tokens."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="How freely words are chosen; left out, the engine decides.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Chooses among the likeliest words that make up this share; left out, the "
        "engine decides.",
    )
    do_sample: bool = Field(
        default=True,
        description="false always takes the likeliest word: the same question, same reply.",
    )
    max_reply_seconds: float = Field(
        default=15,
        ge=0.5,
        le=300,
        description="A model that writes nothing for so long has failed.",
    )
    hold_after_ms: int = Field(
        default=1_700,
        ge=0,
        le=10_000,
        description="A caller on a live line who has heard nothing for so long is asked to wait a "
        "moment; at least 500, or 0 for never.",
    )
    default_language: Language = Field(
        default="en",
        description="The language that is spoken and heard, unless a client names another; auto is "
        "the one that is heard, where the recogniser can tell.",
    )
    tts_default_voice: VoiceName = Field(
        default="af_heart", description="The voice, unless a client names another."
    )
    tts_default_speed: float = Field(
        default=1.0, gt=0, le=2, description="How fast it speaks; 1 is its natural speed."
    )

    @field_validator("hold_after_ms")
    @classmethod
    def _engines_that_are_well_get_their_time(cls, ms: int) -> int:
        if 0 < ms < SOONEST_HOLD_MS:
            raise SettingsError(f"HOLD_AFTER_MS is {ms}, but must be 0 or at least 500.")
        return ms


class TurnSettings(Section):
    """When somebody has finished speaking, and when somebody interrupts."""

    pause_ms: int = Field(
        default=64,
        ge=32,
        le=500,
        description="Silence after which a reply is prepared, not yet spoken.",
    )
    endpoint_min_ms: int = Field(
        default=250,
        ge=100,
        le=2_000,
        description="Silence that ends a turn after a finished sentence.",
    )
    endpoint_default_ms: int = Field(
        default=500,
        ge=100,
        le=5_000,
        description="Silence that ends a turn where words leave it open.",
    )
    endpoint_max_ms: int = Field(
        default=1_200,
        ge=300,
        le=5_000,
        description="Silence that ends a turn after “and…” or “um”.",
    )
    barge_in_ms: int = Field(
        default=600,
        ge=100,
        le=5_000,
        description="Speech over a reply for so long stops it, whatever the words are.",
    )
    preroll_ms: int = Field(
        default=300,
        ge=0,
        le=2_000,
        description="Sound from before speech was noticed that the recogniser still hears.",
    )
    low_confidence: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Below this a transcript is not believed: please repeat.",
    )
    speculation: Speculation = Field(
        default="auto",
        description="Whether a reply is prepared during a pause that may not be the end; auto "
        "does so where there is more than one core.",
    )
    playback_lead_ms: int = Field(
        default=200,
        ge=40,
        le=2_000,
        description="How far sound is sent ahead of what is being heard.",
    )
