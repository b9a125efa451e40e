"""What the conversation remembers: what was said, and of the replies only what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec


class Message(msgspec.Struct, frozen=True):
    role: Literal["system", "user", "assistant"]
    content: str


class Memory:
    """The latest messages, oldest first. A reply may be amended once: when it was cut off late."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._messages: list[Message] = []
        self._heard_of: dict[int, int] = {}
        self._forgotten = 0
        self.opening = ""
        """What was heard of the greeting that the conversation began with."""

    def __repr__(self) -> str:
        return f"<Memory {len(self._messages)} of {self._limit} messages>"

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def user_said(self, text: str) -> None:
        self._add(Message("user", text))

    def assistant_was_heard(self, reply: int, text: str) -> None:
        """Set what was heard of this reply; the last word on it counts."""
        if reply in self._heard_of:
            place = self._heard_of[reply] - self._forgotten
            if place >= 0:
                self._messages[place] = Message("assistant", text)
        elif text:
            self._heard_of = {reply: len(self._messages) + self._forgotten}
            self._add(Message("assistant", text))

    def restore(self, messages: Sequence[Message]) -> None:
        """Go on from what was said in an earlier call."""
        self.clear()
        for message in messages:
            self._add(message)

    def clear(self) -> None:
        self._forgotten += len(self._messages)
        self._messages.clear()
        self._heard_of.clear()
        self.opening = ""

    def context(self, system: str, user_text: str = "") -> tuple[Message, ...]:
        """What the model gets: the system prompt, then the latest messages, roles alternating.

        The user comes first in them, as models expect it; so the greeting is told in the prompt,
        where it also outlasts the messages that are forgotten.
        """
        if self.opening:
            system = f'{system} You have begun the conversation by saying: "{self.opening}"'
        latest = self._messages[-self._limit :] if self._limit else []
        spoken = [*latest, Message("user", user_text)] if user_text else latest
        turns: list[Message] = []
        for message in spoken:
            if not message.content or (not turns and message.role == "assistant"):
                continue  # nothing was heard, or the question to this answer is forgotten
            if turns and turns[-1].role == message.role:
                turns[-1] = Message(message.role, f"{turns[-1].content} {message.content}")
            else:
                turns.append(message)
        return (Message("system", system), *turns)

    def _add(self, message: Message) -> None:
        self._messages.append(message)
        if len(self._messages) > max(self._limit, 2):
            del self._messages[0]
            self._forgotten += 1
