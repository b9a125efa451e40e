"""What devices say, once it is understood: plain values, and whom they are for.

A device is a *site*, as Hermes calls it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.dialects.protocol import Configured

Service = Literal["asr", "nlu", "dialogueManager", "tts"]
"""Which part of an assistant a message is for; Hermes has a topic of errors for each."""


class ListeningBegan(msgspec.Struct, frozen=True):
    """Sound follows, and is meant for us."""

    site: str
    session: str = ""
    until_silence: bool = True
    """The turn is over when the voice falls silent; otherwise when we are told."""
    by_wake_word: bool = False
    language: str | None = None


class ListeningEnded(msgspec.Struct, frozen=True):
    site: str
    session: str = ""


class FrameArrived(msgspec.Struct, frozen=True):
    """A little sound: a complete WAV file of some milliseconds."""

    site: str
    wav: bytes
    session: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """A complete turn in one file, whatever its container."""

    site: str
    data: bytes
    session: str = ""


class Asked(msgspec.Struct, frozen=True):
    site: str
    text: str
    session: str = ""


class Interrupted(msgspec.Struct, frozen=True):
    site: str


class Wished(msgspec.Struct, frozen=True):
    """Who is to answer at a site, and how; from now on, and in every conversation to come."""

    site: str
    wish: Configured


class SayAsked(msgspec.Struct, frozen=True):
    """Somebody wants a text to be said at a site; it is no part of a conversation."""

    site: str
    text: str
    id: str = ""
    session: str = ""
    language: str | None = None
    volume: float = 1.0


class Played(msgspec.Struct, frozen=True):
    """The device has played a phrase to its end."""

    site: str
    id: str


class Misunderstood(msgspec.Struct, frozen=True):
    sentence: str
    service: Service
    site: str = ""
    code: str = "bad_message"


Beginning = ListeningBegan | Recorded | Asked
"""What begins a conversation, or a turn of one; all else only belongs to one."""

Incoming = (
    ListeningBegan
    | ListeningEnded
    | FrameArrived
    | Recorded
    | Asked
    | Interrupted
    | Played
    | Wished
    | SayAsked
)
