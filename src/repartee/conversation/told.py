"""What a client may be told, in our own words; each dialect has its own way of saying it.

Sound is not among them: it flows beside the conversation and carries its reply's number.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Told(msgspec.Struct, frozen=True, tag=True):
    pass


class UserPartial(Told, frozen=True):
    text: str


class UserFinal(Told, frozen=True):
    text: str
    confidence: float
    latency_ms: int
    """How long after the end of speech it was known and answered."""
    language: str | None = None
    """The one it is answered in, where that depends on what is heard."""


class ReplyStarted(Told, frozen=True):
    reply: int
    mode: Literal["spoken", "typed"]


class ReplyPiece(Told, frozen=True):
    reply: int
    mode: Literal["spoken", "typed"]
    text: str


class ReplyWritten(Told, frozen=True):
    """No more pieces will come; the sound of them may."""

    reply: int
    mode: Literal["spoken", "typed"]
    text: str


class ReplyCompleted(Told, frozen=True):
    reply: int
    mode: Literal["spoken", "typed"]
    text: str


class ReplyInterrupted(Told, frozen=True):
    """Said for every interrupt; reply 0 means that nothing was being said."""

    reply: int
    mode: Literal["spoken", "typed"]
    heard: str


class Problem(Told, frozen=True):
    sentence: str
    code: str


class Traced(Told, frozen=True):
    """Something happened in a turn, and when: for clients that show where the time went."""

    turn_id: str
    event: str
    at: float
    """Seconds since 1970."""
    latency_ms: int
    """Counted from the moment at which the speaker had finished."""
    latency: dict[str, int] | None = None
    """All figures of the turn, with its last event."""
    why: dict[str, Any] | None = None
    """Which stage made the turn slow, with its last event."""
    units: tuple[float, ...] = ()
    """Seconds that the synthesis of each phrase took, with its last event."""
    reply: int = 0
    """The reply that answers the turn; 0 while there is none."""
    switch: dict[str, str] | None = None
    """With `engine_switched`: the `kind` of engine, `from` which, `to` which, and `why`."""
