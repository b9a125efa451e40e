"""What the model is shown: who it is, how to speak, and what was said."""

from __future__ import annotations

from repartee.conversation.memory import Memory, Message
from repartee.conversation.rules import SPOKEN_STYLE


class Prompt:
    def __init__(self, instructions: str, memory: Memory) -> None:
        self.instructions = instructions
        self._memory = memory

    def asking(self, user_text: str = "") -> tuple[Message, ...]:
        """The messages that end in this question; without one, those that any will begin with."""
        system = f"{self.instructions} {SPOKEN_STYLE}".strip()
        return self._memory.context(system, user_text)
