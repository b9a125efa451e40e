"""What passes between a stand-in and those who ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.parser import BytesParser
from typing import Any, Protocol

import msgspec


class Heard(msgspec.Struct, frozen=True):
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    """The number of the connection on which it came."""

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, bytes]:
        """The parts of a form by their names."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + self.body).get_payload()
        named = {}
        for part in parts:
            name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
            named[str(name)] = part.get_payload(decode=True)  # type: ignore[union-attr]
        return named  # type: ignore[return-value]


class Reply(msgspec.Struct, frozen=True):
    """An answer; its pieces are sent one by one."""

    content_type: str
    pieces: Sequence[bytes]
    status: int = 200
    headers: Mapping[str, str] = {}


class Trouble(msgspec.Struct, frozen=True):
    """How one answer goes wrong."""

    status: int = 0
    """Not this answer, but a complaint with this status."""
    retry_after: str = ""
    delay_s: float = 0.0
    """Until anything is sent: what it takes to make the answer is part of it."""
    reset: bool = False
    """The connection is gone instead of an answer."""
    nonsense: bool = False
    """A web page instead of an answer."""
    hang_after: int | None = None
    """After so many pieces nothing more comes, and the connection stays; -1: not even a status."""
    lose_after: int | None = None
    """After so many pieces the connection is closed; after all of them, when the answer is over."""
    cut_bytes: int = 0
    """The answer is right, but comes in pieces of this size."""


class Wire(Protocol):
    """One kind of server: what it answers, and how it complains."""

    def answer(self, heard: Heard) -> Reply: ...
    def complaint(self, status: int, heard: Heard) -> Reply: ...


def json_reply(body: Any, status: int = 200) -> Reply:
    return Reply("application/json", [json.dumps(body).encode()], status)


def event_stream(*events: Any) -> Reply:
    """Server-sent events, each a piece; text is sent as it is, anything else as JSON."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return Reply("text/event-stream", [f"data: {text}\n\n".encode() for text in texts])


def repeating(heard: Heard) -> str:
    """What a careless server puts into its complaints: the key, and what was said."""
    key = heard.headers.get("authorization") or heard.headers.get("x-goog-api-key", "")
    return f"Not with {key}: {heard.body[:200]!r}"
