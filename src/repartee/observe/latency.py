"""How long a turn took, and which stage made it slow."""

from __future__ import annotations

import msgspec

STAGES: tuple[tuple[str, str], ...] = (
    ("stt_done", "Recognising the last words"),
    ("decided", "Making sure that the speaker had finished"),
    ("llm_first_token", "Finding the first word of the answer"),
    ("tts_first_chunk", "Writing and voicing the first phrase"),
    ("first_sound_sent", "Sending the first sound"),
    ("first_sound_played", "Playing it at the listener's end"),
)
"""What lies between the last word and the first sound, in the order in which it is finished."""

FIGURES = {
    "stt_ms": "stt_done",
    "llm_first_token_ms": "llm_first_token",
    "llm_ms": "llm_done",
    "tts_first_chunk_ms": "tts_first_chunk",
    "first_audio_ms": "first_sound_sent",
    "total_ms": "turn_complete",
}


class Why(msgspec.Struct, frozen=True):
    """The stage in which most of the gap went by."""

    stage: str
    ms: int
    of_ms: int
    sentence: str


def latency(moments: dict[str, float], over_at: float) -> dict[str, int]:
    """Whole milliseconds, all counted from the moment at which the speaker had finished."""
    return {
        figure: max(round((moments[name] - over_at) * 1000), 0)
        for figure, name in FIGURES.items()
        if name in moments
    }


def gap_by_stage(moments: dict[str, float], over_at: float) -> dict[str, int]:
    """The gap, shared out: each stage gets the time by which it was later than all before it."""
    shares: dict[str, int] = {}
    reached = over_at
    for name, _ in STAGES:
        at = moments.get(name)
        if at is not None:
            shares[name] = max(round((at - reached) * 1000), 0)
            reached = max(reached, at)
    return shares


def why_slow(moments: dict[str, float], over_at: float) -> Why | None:
    """None for a turn in which nothing was heard."""
    if "first_sound_sent" not in moments:
        return None
    shares = gap_by_stage(moments, over_at)
    stage = max(shares, key=lambda name: shares[name])
    total = sum(shares.values())
    sentence = f"{dict(STAGES)[stage]} took {shares[stage]} of {total} ms."
    return Why(stage, shares[stage], total, sentence)
