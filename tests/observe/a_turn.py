"""A turn that is over, for whoever looks on: its last word is at 10 s of the call."""

from __future__ import annotations

from typing import Any

from repartee.conversation import commands as do
from repartee.observe.onlookers import TurnSeen
from repartee.observe.turn_times import TurnTimes

UNIX = 1_700_000_000.0
GREETING = ""
"""What the user said before it."""


def a_turn(**record: Any) -> TurnSeen:
    fields: dict[str, Any] = {
        "number": 1,
        "mode": "spoken",
        "user_text": "What time is it?",
        "assistant_text": "It is noon.",
        "heard_text": "It is noon.",
        "confidence": 0.9,
        "status": "complete",
        "started_at": 10.0,
        "ended_at": 12.0,
    }
    times = TurnTimes(
        began_at=9.0,
        over_at=10.0,
        id="turn-1",
        moments={
            "first_partial": 9.3,
            "stt_start": 10.02,
            "stt_done": 10.1,
            "llm_start": 10.11,
            "decided": 10.2,
            "llm_first_token": 10.35,
            "tts_start": 10.36,
            "tts_first_chunk": 10.44,
            "first_sound_sent": 10.45,
            "llm_done": 10.6,
        },
        voiced_at=10.9,
        kept_as={1: "turn-1"},
    )
    return TurnSeen("call-1", do.TurnRecord(**(fields | record)), times, UNIX)
