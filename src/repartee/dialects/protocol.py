"""What a dialect is: a pure translation between one wire language and the conversation's own.

One instance serves one connection. `parse` never raises: what can't be understood becomes
`Misunderstood`, with a sentence for whoever sent it.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from repartee.audio.pcm import Samples
from repartee.conversation.events import Event
from repartee.conversation.told import Told

Frame = str | bytes
"""One message on the wire: text or binary."""


class SoundArrived(msgspec.Struct, frozen=True):
    """PCM16 mono at the connection's rate."""

    pcm: bytes


class TurnBegan(msgspec.Struct, frozen=True):
    """A button is held: the PCM that follows is one turn."""


class TurnEnded(msgspec.Struct, frozen=True):
    """The button was let go; all sound of the turn came before."""


class RecordingBegan(msgspec.Struct, frozen=True):
    """A button is held: the pieces of one recording follow."""


class RecordingPiece(msgspec.Struct, frozen=True):
    """A piece of a recording in whatever container; the pieces together are the file."""

    data: bytes


class RecordingEnded(msgspec.Struct, frozen=True):
    """The button was let go; the last piece may still be on its way."""


class HungUp(msgspec.Struct, frozen=True):
    pass


class Configured(msgspec.Struct, frozen=True):
    """What the client wishes for its own connection; None means: as it is."""

    persona: str | None = None
    voice: str | None = None
    speed: float | None = None
    language: str | None = None
    instructions: str | None = None
    sample_rate: int | None = None


class Pinged(msgspec.Struct, frozen=True):
    pass


class PlaybackReported(msgspec.Struct, frozen=True):
    """The client knows how much of a reply has really been played."""

    reply: int
    ms: int


class Misunderstood(msgspec.Struct, frozen=True):
    sentence: str
    code: str = "bad_message"


Incoming = (
    Event
    | SoundArrived
    | TurnBegan
    | TurnEnded
    | RecordingBegan
    | RecordingPiece
    | RecordingEnded
    | HungUp
    | Configured
    | Pinged
    | PlaybackReported
    | Misunderstood
)


class Dialect(Protocol):
    name: str
    """What sessions in this language are kept under."""
    paced: bool
    """Whether spoken replies leave in small frames, in time with their playback; otherwise they
    leave phrase by phrase, as soon as each is ready."""

    def greet(self, session_id: str) -> Frame: ...
    def going_away(self, session_id: str, resume_after_ms: int) -> list[Frame]:
        """The server closes this line; the conversation can go on after so long."""

    def turned_away(self, sentence: str, code: str, retry_after_ms: int) -> list[Frame]:
        """There is no call, because there is no room; there may be after so long."""

    def parse(self, frame: Frame) -> Incoming: ...
    def pong(self) -> Frame: ...
    def render(self, what: Told) -> list[Frame]: ...
    def render_sound(self, reply: int, samples: Samples, text: str | None) -> Frame:
        """A little of a spoken reply, 24 kHz, sent in time with its playback; `text` is the phrase
        that begins with it: empty for one that is none of the reply's words, None in the midst of
        one."""

    def render_unit(self, reply: int, text: str, samples: Samples) -> Frame:
        """A whole phrase of a typed reply, to be played when its turn comes."""
