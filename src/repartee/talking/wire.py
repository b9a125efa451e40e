"""The messages of `/ws` from the client's side: what the server says, and what it is told.

Only what a terminal has a use for is read. Anything else, and anything that is no message at all,
is None: a server that says more than we know is none to quarrel with.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pybase64

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples, whole_samples
from repartee.audio.resample import resampled
from repartee.audio.wav import read_wav
from repartee.errors import BadAudio

LISTENING_RATE_HZ = 16_000
"""The rate at which the server hears unless it is told another."""
INTERRUPT = json.dumps({"type": "interrupt"})


class Said(msgspec.Struct, frozen=True):
    """Something that the server says."""


class Connected(Said, frozen=True):
    pass


class Understood(Said, frozen=True):
    """What we say, as far as it is understood."""

    text: str
    final: bool


class ReplyBegan(Said, frozen=True):
    reply: int


class ReplyWritten(Said, frozen=True):
    """More words of a reply; they may not be heard for a while."""

    reply: int
    text: str


class ReplySpoken(Said, frozen=True):
    """More sound of a reply; the first piece of a phrase says which phrase it is."""

    reply: int
    samples: Samples
    phrase: str


class ReplyEnded(Said, frozen=True):
    """Nothing more of it will come."""

    reply: int


class ReplyCut(Said, frozen=True):
    """It was interrupted; 0 is no reply: there was nothing to interrupt."""

    reply: int
    heard: str


class Complained(Said, frozen=True):
    sentence: str


# ---------------------------------------------------------------- what the server says


class _Status(msgspec.Struct, tag="status"):
    data: str
    reply: int = 0
    heard: str = ""

    def meaning(self) -> Said | None:
        match self.data:
            case "connected":
                return Connected()
            case "generating":
                return ReplyBegan(self.reply)
            case "complete":
                return ReplyEnded(self.reply)
            case "interrupted":
                return ReplyCut(self.reply, self.heard)
        return None


class _Words(msgspec.Struct):
    text: str
    is_final: bool


class _Transcript(msgspec.Struct, tag="transcript"):
    data: _Words

    def meaning(self) -> Said:
        return Understood(self.data.text, self.data.is_final)


class _TextChunk(msgspec.Struct, tag="text_chunk"):
    data: str
    reply: int

    def meaning(self) -> Said:
        return ReplyWritten(self.reply, self.data)


class _Audio(msgspec.Struct, tag="audio"):
    data: str
    reply: int
    text: str = ""

    def meaning(self) -> Said:
        return ReplySpoken(self.reply, whole_samples(_bytes_of(self.data)), self.text)


class _ResponseStart(msgspec.Struct, tag="response_start"):
    reply: int

    def meaning(self) -> Said:
        return ReplyBegan(self.reply)


class _TextPiece(msgspec.Struct, tag="text"):
    data: str


class _AudioPiece(msgspec.Struct, tag="audio"):
    data: str
    text: str = ""


class _Chunk(msgspec.Struct, tag="chunk"):
    data: _TextPiece | _AudioPiece
    reply: int

    def meaning(self) -> Said:
        if isinstance(self.data, _TextPiece):
            return ReplyWritten(self.reply, self.data.data)
        recording = read_wav(_bytes_of(self.data.data))
        samples = resampled(recording.samples, recording.rate_hz, SPEAKING_RATE_HZ)
        return ReplySpoken(self.reply, samples, self.data.text)


class _ResponseComplete(msgspec.Struct, tag="response_complete"):
    reply: int

    def meaning(self) -> Said:
        return ReplyEnded(self.reply)


class _Error(msgspec.Struct, tag="error"):
    data: str

    def meaning(self) -> Said:
        return Complained(self.data)


_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    _Status
    | _Transcript
    | _TextChunk
    | _Audio
    | _ResponseStart
    | _Chunk
    | _ResponseComplete
    | _Error
)


def parse(frame: str | bytes) -> Said | None:
    """What this frame says."""
    try:
        said: Said | None = _decoder.decode(frame).meaning()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, BadAudio):
        return None
    return said


def _bytes_of(base64: str) -> bytes:
    return pybase64.b64decode(base64, validate=True)


# ---------------------------------------------------------------- what it is told


def typed(text: str) -> str:
    return json.dumps({"type": "chat", "message": text})


def played(reply: int, ms: int) -> str:
    return json.dumps({"type": "played", "reply": reply, "ms": ms})
