"""Which part of a long conversation the model reads.

What a model has read stays read only as long as the beginning stays the same. A window that
slides with every turn would have it read everything again each time. So this window stands
still until it is full, and then moves far enough to stand still for a while.
"""

from __future__ import annotations

from collections.abc import Sequence

from repartee.engines.protocols import Message


class Window:
    """One caller's window: opens again at `kept_chars` when it would exceed `most_chars`."""

    def __init__(self, most_chars: int, kept_chars: int) -> None:
        self._most_chars = most_chars
        self._kept_chars = kept_chars
        self._opening: Sequence[Message] = ()

    def over(self, messages: Sequence[Message]) -> list[Message]:
        """The system messages and the latest turns; the last message is always among them."""
        system = [message for message in messages if message.role == "system"]
        turns = [message for message in messages if message.role != "system"]
        start = _where(self._opening, turns)
        if start is None or chars(turns[start:]) > self._most_chars:
            start = latest(turns, self._kept_chars)
        self._opening = turns[start : start + 2]
        return system + turns[start:]


def _where(opening: Sequence[Message], turns: Sequence[Message]) -> int | None:
    """Where the window opened last time; None if that has been forgotten meanwhile."""
    if len(opening) < 2:
        return 0
    for start in range(len(turns) - 1):
        if turns[start] == opening[0] and turns[start + 1] == opening[1]:
            return start
    return None


def latest(turns: Sequence[Message], most_chars: int) -> int:
    """From where the turns fit, beginning with a question and never without the last message."""
    start = max(len(turns) - 1, 0)
    for earlier in range(start - 1, -1, -1):
        if chars(turns[earlier:]) > most_chars:
            break
        if turns[earlier].role == "user":
            start = earlier
    return start


def halved(turns: Sequence[Message]) -> list[Message]:
    """Half as much, for a model that found all of it too long; empty if nothing can be spared.

    The older turns go first, then the beginning of the last message.
    """
    if len(turns) > 1:
        return list(turns[latest(turns, chars(turns) // 2) :])
    if not turns or len(turns[0].content) < 2:
        return []
    text = turns[0].content
    return [Message(turns[0].role, text[len(text) // 2 :].strip())]


def chars(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)
