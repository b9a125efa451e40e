"""How engines stand in for one another, where several are named."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section


class ChainSettings(Section):
    """Where STT, LLM or TTS names several engines: when the next one goes on."""

    stt_deadline_ms: int = Field(
        default=1_500,
        ge=50,
        le=60_000,
        description="A recogniser that takes longer to connect, or to say what was said when the "
        "speaker falls silent, is left for the next one.",
    )
    llm_deadline_ms: int = Field(
        default=2_000,
        ge=50,
        le=60_000,
        description="A language model without a first word after so long is left for the next one.",
    )
    tts_deadline_ms: int = Field(
        default=1_500,
        ge=50,
        le=60_000,
        description="A synthesiser without a first sound after so long is left for the next one.",
    )
    chain_hedge: bool = Field(
        default=False,
        description="true: the next engine is started when half of that time is gone, and whoever "
        "answers first is taken. It costs requests that nobody needs.",
    )
    chain_failures: int = Field(
        default=2,
        ge=1,
        le=100,
        description="An engine that fails so often in a row, within a minute each, is passed over "
        "for a while.",
    )
    chain_rest_seconds: float = Field(
        default=15,
        ge=0.1,
        le=3_600,
        description="For how long; then one turn tries it, and each time in vain it is twice as "
        "long, up to five minutes.",
    )
