"""What the keys mean: some are commands, and all the others write a line.

A line may begin with the letter of a command. That is why a command waits for a moment: it is one
only if nothing follows.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

LETTER_SECONDS = 0.5
LONGEST_LINE = 4_000

_SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)")
"""What arrows and other keys without a letter send."""
_ENTER, _BACKSPACE, _ESCAPE, _WIPE = "\r\n", "\x7f\b", "\x1b", "\x15"
_END = "\x04"
_LETTERS: dict[str, Literal["mute", "leave"]] = {"m": "mute", "q": "leave"}


class Typed(msgspec.Struct, frozen=True):
    text: str


Wish = Typed | Literal["interrupt", "mute", "leave"]


class Keyboard:
    def __init__(self) -> None:
        self.line = ""
        """What has been typed of a line that is not sent yet."""
        self._letter_until: float | None = None

    def press(self, keys: str, now: float) -> list[Wish]:
        """What is wished by these, in their order; a paste is many at once."""
        wishes = [self._press(key, now) for key in _SEQUENCE.sub("", keys)]
        return [wish for wish in wishes if wish is not None]

    def wake(self, now: float) -> list[Wish]:
        """To be called now and then: a letter that nothing has followed is a command by then."""
        if self._letter_until is None or now < self._letter_until:
            return []
        return [self._command()]

    def _press(self, key: str, now: float) -> Wish | None:
        alone, self._letter_until = self._letter_until is not None, None
        if key in _ENTER:
            return self._command() if alone else self._enter()
        if key == " " and not self.line:
            return "interrupt"
        if key == _END and not self.line:
            return "leave"
        if key in _BACKSPACE:
            self.line = self.line[:-1]
        elif key in (_ESCAPE, _WIPE):
            self.line = ""
        elif key.isprintable() and len(self.line) < LONGEST_LINE:
            self.line += key
            if self.line in _LETTERS:
                self._letter_until = now + LETTER_SECONDS
        return None

    def _enter(self) -> Wish:
        line, self.line = self.line.strip(), ""
        return Typed(line) if line else "interrupt"

    def _command(self) -> Wish:
        letter, self.line = self.line, ""
        self._letter_until = None
        return _LETTERS[letter]
