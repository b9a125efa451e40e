"""What can happen to a conversation. Past tense, frozen, flat.

Moments (`at`) and `now` are seconds on one clock that only moves forward.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.conversation.memory import Message


class Event(msgspec.Struct, frozen=True, tag=True):
    """Only so that a journal can tell events apart; it carries nothing."""


# ---------------------------------------------------------------- what the ear reports


class SpeechStarted(Event, frozen=True):
    at: float
    """When the voice really began: a little before anyone could be sure of it."""


class SpeechPaused(Event, frozen=True):
    at: float
    """When the voice really ended."""


class PartialHeard(Event, frozen=True):
    turn: int
    text: str


class FinalHeard(Event, frozen=True):
    """The answer to `Finalise`: everything said in this turn so far."""

    turn: int
    attempt: int
    text: str
    confidence: float
    language: str | None = None
    """In which it was said, if the recogniser can tell."""


class TurnJudged(Event, frozen=True):
    """What a turn model makes of the sound up to this pause, which may be the end."""

    turn: int
    attempt: int
    finished: float
    """0..1: how sure it is that the speaker has finished."""


# ---------------------------------------------------------------- what the client does


class Typed(Event, frozen=True):
    text: str


class TurnOpened(Event, frozen=True):
    """A button is held: whatever comes until it is let go is one turn, and it is meant."""


class TurnClosed(Event, frozen=True):
    """The button was let go, and all sound of the turn is here."""

    at: float
    """When it was let go."""


class TurnAbandoned(Event, frozen=True):
    """Nothing could be made of the sound of a held turn: it is as if nobody had spoken."""


class InterruptRequested(Event, frozen=True):
    pass


class Greeted(Event, frozen=True):
    """Whoever is called speaks first, with these words."""

    text: str


class Instructed(Event, frozen=True):
    """The system prompt changed."""

    instructions: str


class LanguageChosen(Event, frozen=True):
    """From now on this language is spoken; `auto` is whichever is heard."""

    language: str


class Resumed(Event, frozen=True):
    """This goes on from a conversation that was cut off: what was said, and how many replies."""

    messages: tuple[Message, ...]
    replies: int


class MemoryCleared(Event, frozen=True):
    pass


class ClientGone(Event, frozen=True):
    pass


# ---------------------------------------------------------------- what becomes of a reply


class ReplyText(Event, frozen=True):
    reply: int
    text: str


class ReplyWritten(Event, frozen=True):
    """The model has said all it has to say."""

    reply: int


class Voiced(Event, frozen=True):
    """The first of a reply's sound is there, be it let out or not."""

    reply: int


class Played(Event, frozen=True):
    """How far the listener has heard, to the word."""

    reply: int
    heard_ms: int
    text: str
    reported: bool = False
    """The listener's own player has told; otherwise it is what the clock makes of it."""


class AllSent(Event, frozen=True):
    """The last sound of a reply has left; the listener may still be hearing it."""

    reply: int


class PlaybackEnded(Event, frozen=True):
    """The listener has heard a reply to its end."""

    reply: int


# ---------------------------------------------------------------- everything else


class EngineFailed(Event, frozen=True):
    stage: Literal["hearing", "thinking", "speaking"]
    sentence: str
    reply: int | None = None
    turn: int | None = None


class TimePassed(Event, frozen=True, omit_defaults=True):
    """The deadline that the conversation asked for has come."""

    at_limit: bool = False
    """The server can do no more than answer: nobody is asked to wait."""
