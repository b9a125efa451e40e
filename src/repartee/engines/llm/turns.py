"""A conversation in the shape that servers elsewhere take.

Many chat templates want one system message at the beginning and then turns that alternate; a call
in which somebody interrupts has two of one side in a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from repartee.engines.protocols import Message


def system_text(messages: Sequence[Message]) -> str:
    return "\n\n".join(m.content for m in messages if m.role == "system" and m.content.strip())


def alternating(messages: Sequence[Message]) -> list[Message]:
    """The turns without empty ones; what one side said in a row is one turn."""
    turns: list[Message] = []
    for message in messages:
        if message.role == "system" or not message.content.strip():
            continue
        if turns and turns[-1].role == message.role:
            message = Message(message.role, f"{turns.pop().content}\n{message.content}")
        turns.append(message)
    return turns
