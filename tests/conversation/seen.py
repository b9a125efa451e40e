"""What a witness keeps of a call: its replies as they look from outside, and its memory."""

from __future__ import annotations

import msgspec


class Seen(msgspec.Struct):
    """A reply as it looks from outside."""

    number: int
    question: str | None
    """What it answers; None for a sentence of our own."""
    said: str = ""
    """The words of a sentence of our own."""
    holds: bool = False
    """It only asks to wait for the words of the turn."""
    started: bool = False
    playing: bool = False
    voiced: bool = False
    ducked: bool = False
    complete: bool = False
    text: str = ""
    heard: str = ""
    heard_ms: int = 0
    reported: bool = False

    @property
    def surely_unheard(self) -> bool:
        return self.reported and self.heard.strip() != self.text.strip()


class Remembered(msgspec.Struct):
    role: str
    text: str
    reply: int


class Recollection:
    """What was asked, and of each answer what was heard."""

    def __init__(self) -> None:
        self._all: list[Remembered] = []

    def asked(self, question: str) -> None:
        self._all.append(Remembered("user", question, reply=0))

    def heard(self, reply: int, text: str) -> None:
        """So much of this reply; a later word on it counts."""
        for one in self._all:
            if one.reply == reply:
                one.text = text
                return
        if text:
            self._all.append(Remembered("assistant", text, reply))

    def clear(self) -> None:
        self._all.clear()

    def latest(self, count: int) -> list[tuple[str, str]]:
        return [(one.role, one.text) for one in self._all[-count:]]
