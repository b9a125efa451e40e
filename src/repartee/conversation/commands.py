"""What a conversation wishes to be done. Imperative, frozen, flat.

Whoever carries them out does so in order: what is to be remembered stands before what the client
is told, and the hush of a reply before the word that it was interrupted.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.conversation.memory import Message
from repartee.conversation.told import Told

Mode = Literal["spoken", "typed"]
"""How a turn came in, and so how its reply goes out."""


Status = Literal["complete", "interrupted", "low_confidence", "failed"]


class Command(msgspec.Struct, frozen=True, tag=True):
    pass


# ---------------------------------------------------------------- listening


class Listen(Command, frozen=True):
    """Open a hearing for this turn, beginning with the sound just before the voice."""

    turn: int


class Finalise(Command, frozen=True):
    """Ask for the best transcript so far; the speaker may still go on."""

    turn: int
    attempt: int


class StopListening(Command, frozen=True):
    turn: int


# ---------------------------------------------------------------- replying


class Prime(Command, frozen=True):
    """Let the model read ahead; nothing comes of it but speed."""

    messages: tuple[Message, ...]


class Think(Command, frozen=True):
    """Begin a reply: write it, synthesise it, hold it until `Play`."""

    reply: int
    messages: tuple[Message, ...]
    mode: Mode
    turn: int = 0
    """The turn that it answers; 0 for what was typed."""


class Say(Command, frozen=True):
    """Begin a reply with fixed words, without asking the model."""

    reply: int
    text: str
    mode: Mode
    turn: int = 0
    """The turn that it answers; 0 for none."""
    holds: bool = False
    """It only asks to wait until the words of this turn are known."""


class SayFirst(Command, frozen=True):
    """Say this before the reply's own words, which are late; it is none of them. Once the first
    of their sound is there, or if there is no voice to say it, it is too late for that."""

    reply: int
    text: str


class Play(Command, frozen=True):
    """Let this reply be heard, now and as more of it becomes ready."""

    reply: int


class Duck(Command, frozen=True):
    """Somebody speaks during the reply: lower it until it is clear what they want."""

    reply: int


class Restore(Command, frozen=True):
    """It was nothing: back to full voice, from the exact sample."""

    reply: int


class Hush(Command, frozen=True):
    """End this reply: stop model, synthesis and sound, and let nothing more of it out."""

    reply: int


class Drop(Command, frozen=True):
    """End a reply that nobody has heard of."""

    reply: int


# ---------------------------------------------------------------- telling and remembering


class Tell(Command, frozen=True):
    told: Told


class Remember(Command, frozen=True):
    """Keep this turn. A later one with the same number replaces it."""

    turn: TurnRecord


class TurnRecord(msgspec.Struct, frozen=True):
    number: int
    mode: Mode
    user_text: str
    assistant_text: str
    heard_text: str
    confidence: float
    status: Status
    started_at: float
    ended_at: float
