"""A turn as it is kept: what the conversation remembers of it, and when what happened."""

from __future__ import annotations

from repartee.conversation.commands import TurnRecord
from repartee.observe.turn_times import TurnTimes
from repartee.store.protocol import StoredTurn


def turn_to_keep(
    turn: TurnRecord, times: TurnTimes, session_id: str, unix_offset: float
) -> StoredTurn:
    """`unix_offset` is what makes a moment of the call's clock one of the calendar."""
    return StoredTurn(
        id=times.id_to_keep(turn.number),
        session_id=session_id,
        number=turn.number,
        mode=turn.mode,
        status=turn.status,
        user_text=turn.user_text,
        assistant_text=turn.assistant_text,
        heard_text=turn.heard_text,
        confidence=turn.confidence,
        started_at=min(times.began_at, turn.started_at) + unix_offset,
        ended_at=turn.ended_at + unix_offset,
        time_to_first_partial=times.since_began("first_partial"),
        time_to_final_transcript=times.since_over("stt_done"),
        time_to_first_token=times.since_over("llm_first_token"),
        time_to_first_audio=times.since_over("first_sound_sent"),
    )
