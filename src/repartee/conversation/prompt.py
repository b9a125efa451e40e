"""What the model is shown: who it is, how to speak and in which language, and what was said."""

from __future__ import annotations

from repartee.conversation.language import SpokenLanguage
from repartee.conversation.memory import Memory, Message
from repartee.conversation.rules import SPOKEN_STYLE


class Prompt:
    def __init__(self, instructions: str, memory: Memory, language: SpokenLanguage) -> None:
        self.instructions = instructions
        self._memory = memory
        self._language = language

    def asking(self, user_text: str = "") -> tuple[Message, ...]:
        """The messages that end in this question; without one, those that any will begin with."""
        system = f"{self.instructions} {SPOKEN_STYLE} {self._language.instruction}".strip()
        return self._memory.context(system, user_text)
