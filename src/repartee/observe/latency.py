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


ASKED_TO_HOLD = "asked_to_hold"
"""The caller was told that it takes a moment."""


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
    """None for a turn in which nothing was heard. A sentence that asks to wait is no answer: the
    gap ends with the first sound of the reply itself."""
    if "first_sound_sent" not in moments:
        return None
    shares = gap_by_stage(moments, over_at)
    stage = max(shares, key=lambda name: shares[name])
    total = sum(shares.values())
    sentence = f"{dict(STAGES)[stage]} took {shares[stage]} of {total} ms."
    if (held_at := moments.get(ASKED_TO_HOLD)) is not None:
        after_ms = max(round((held_at - over_at) * 1000), 0)
        sentence += f" The caller was asked to wait after {after_ms} ms."
    return Why(stage, shares[stage], total, sentence)


def why_late(moments: dict[str, float], over_at: float, now: float) -> Why:
    """Which stage is waited for in the midst of a turn, and for how long already."""
    stage, name = next((one for one in STAGES if one[0] not in moments), STAGES[-1])
    reached = max((moments[one] for one, _ in STAGES if one in moments), default=over_at)
    ms, of_ms = (max(round((now - since) * 1000), 0) for since in (reached, over_at))
    return Why(stage, ms, of_ms, f"{name} has taken {ms} ms, and goes on.")
