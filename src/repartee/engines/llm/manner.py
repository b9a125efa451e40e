"""How a model is spoken to and how its words are taken: as they are, or with a helping hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repartee.engines.llm.window import Window
from repartee.engines.protocols import Message, Sampling


class Shape(Protocol):
    """What of one answer is handed out, and when it is enough."""

    enough: bool

    def take(self, piece: str) -> str:
        """What to hand out now, with this piece."""

    def rest(self, *, complete: bool) -> str:
        """What to hand out at the end; not complete means cut off in the middle."""


class Manner(Protocol):
    def prompt(self, messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
        """What stands before the conversation and stays, and the conversation."""

    def options(self, sampling: Sampling) -> dict[str, float]: ...
    def window(self) -> Window: ...
    def shape(self) -> Shape: ...


class Straight:
    """The manner for a model that can follow instructions."""

    CHARS_PER_TOKEN = 3
    """On the safe side: it is four in English, less in most other languages."""

    def __init__(self, context_tokens: int, max_tokens: int | None) -> None:
        self._context_tokens = context_tokens
        self._max_tokens = max_tokens

    def prompt(self, messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
        before = [message for message in messages if message.role == "system"]
        return before, [message for message in messages if message.role != "system"]

    def options(self, sampling: Sampling) -> dict[str, float]:
        return chosen(sampling, self._max_tokens)

    def window(self) -> Window:
        room = self._context_tokens * self.CHARS_PER_TOKEN
        return Window(most_chars=room * 2 // 3, kept_chars=room // 3)

    def shape(self) -> Shape:
        return Whole()


class Whole:
    """Every piece, as it comes."""

    enough = False

    def take(self, piece: str) -> str:
        return piece

    def rest(self, *, complete: bool) -> str:
        return ""


def chosen(sampling: Sampling, max_tokens: int | None) -> dict[str, float]:
    """The options that the caller has chosen; the length is always one of them."""
    options: dict[str, float] = {
        "max_tokens": max(min(sampling.max_tokens, max_tokens or sampling.max_tokens), 1)
    }
    if sampling.temperature is not None:
        options["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        options["top_p"] = sampling.top_p
    return options
