"""What a client may be told, in our own words; each dialect has its own way of saying it.

Sound is not among them: it flows beside the conversation and carries its reply's number.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Told(msgspec.Struct, frozen=True, tag=True):
    pass


class UserPartial(Told, frozen=True):
    text: str


class UserFinal(Told, frozen=True):
    text: str
    confidence: float


class ReplyStarted(Told, frozen=True):
    reply: int
    mode: Literal["spoken", "typed"]


class ReplyPiece(Told, frozen=True):
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
