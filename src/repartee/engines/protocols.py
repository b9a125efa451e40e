"""What an engine is: five small protocols, all streaming, all cancellable.

An engine object is shared by every call; what belongs to one caller lives in that caller's
`Caller` and dies with it. Constructors store settings and do nothing else: `open` loads weights
or connects, once, before the first call. An engine that can't work raises `EngineMissing` or
`EngineFailed` with a sentence that says what to do.

Sound is int16 mono everywhere: a numpy array with its rate beside it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import msgspec

from repartee.audio.pcm import Samples as Samples

LISTENING_RATE_HZ = 16_000
"""The rate at which every detector and recogniser hears."""


class Caller:
    """Who is being served: the notebook in which engines keep what belongs to one call.

    A recogniser keeps the colour of the voice here, a model the slot of its prompt cache. The
    engine itself carries nothing of one caller to the next.
    """

    __slots__ = ("hurried", "id", "notes", "patient")

    def __init__(self, id: str, *, patient: bool = False, hurried: bool | None = None) -> None:
        self.id = id
        self.patient = patient
        """Nobody is on the line: an engine that works here may let those go first who are."""
        self.hurried = not patient if hurried is None else hurried
        """An answer is waited for: an engine that takes long for it is not waited for."""
        self.notes: dict[str, Any] = {}


# ---------------------------------------------------------------- voice detection


class VoiceStream(Protocol):
    """One caller's ear: windows in, the probability of speech out."""

    async def probability(self, window: Samples) -> float: ...


class VoiceDetector(Protocol):
    name: str
    window_samples: int

    async def open(self) -> None: ...
    def stream(self) -> VoiceStream: ...
    async def close(self) -> None: ...


# ---------------------------------------------------------------- speech to text


class Transcript(msgspec.Struct, frozen=True):
    text: str
    confidence: float
    """0..1, calibrated: the chance that the text is mostly right. 0.0 for an empty text."""
    finished: float | None = None
    """0..1: how sure the recogniser is that the speaker has finished, if it judges that too."""
    language: str | None = None
    """The code of the language that was spoken, if the recogniser can tell."""


class Hearing(Protocol):
    """One turn of one caller, being heard."""

    def feed(self, samples: Samples) -> None:
        """Take 16 kHz sound; never waits."""

    def partials(self) -> AsyncIterator[str]:
        """The hypothesis so far, each time it changes, until the hearing is left."""

    async def settle(self) -> Transcript:
        """The best transcript of everything fed so far.

        Feeding may go on afterwards (the speaker only paused); a later `settle` then covers
        the whole turn again.
        """


class Recognizer(Protocol):
    name: str
    languages: Sequence[str]

    async def open(self) -> None: ...
    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        """Open a hearing; leaving it early abandons the work.

        A recogniser with an attribute `detects` that is true may be asked for the language `auto`:
        it finds out by itself what is spoken, and its transcripts tell.
        """

    async def close(self) -> None: ...


# ---------------------------------------------------------------- is the turn over?


class TurnDetector(Protocol):
    """Hears in a voice whether more will come. It is asked at each pause, beside the words."""

    name: str
    seconds: float
    """How much of the latest sound it looks at."""

    async def open(self) -> None: ...
    async def finished(self, sound: Samples) -> float:
        """0..1: how sure it is that the speaker has finished."""

    async def close(self) -> None: ...


# ---------------------------------------------------------------- the model that answers


class Message(msgspec.Struct, frozen=True):
    role: Literal["system", "user", "assistant"]
    content: str


class Sampling(msgspec.Struct, frozen=True):
    max_tokens: int = 220
    temperature: float | None = None
    top_p: float | None = None


class Responder(Protocol):
    name: str

    async def open(self) -> None: ...
    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Read these messages ahead, so that a reply that begins with them starts sooner. It is
        asked for one thing at a time for each caller."""

    def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        """Pieces of the reply as they are written; leaving the iterator stops the model."""

    def release(self, caller: Caller) -> None:
        """The call is over: forget what was kept for it."""

    async def close(self) -> None: ...


# ---------------------------------------------------------------- text to speech


class Voice(msgspec.Struct, frozen=True):
    name: str
    language: str
    gender: Literal["female", "male", "neutral"] = "neutral"


class Speech(msgspec.Struct, frozen=True):
    """How something is to be said."""

    voice: str = "af_heart"
    language: str = "en"
    speed: float = 1.0


class WordTime(msgspec.Struct, frozen=True):
    """A word in the spoken text: where it stands, and when it begins in its unit's sound."""

    offset: int
    length: int
    start_ms: int


class Sound(msgspec.Struct, frozen=True):
    """A piece of synthesised sound; `words` are those that an engine times, if it does."""

    samples: Samples
    rate_hz: int
    words: tuple[WordTime, ...] = ()


class Synthesizer(Protocol):
    name: str
    ascii_only: bool
    """True for an engine that can't speak characters outside ASCII."""

    async def open(self) -> None: ...
    def voices(self) -> Sequence[Voice]: ...
    def resolve(self, voice: str, language: str) -> Voice:
        """The speaker that answers to this name; `UnknownVoice` if there is none."""

    def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        """Sound, piece by piece; leaving the iterator stops the work."""

    async def close(self) -> None: ...
