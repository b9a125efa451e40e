"""Where text must not be cut: inside code and inside links.

Half a code block or half a link could no longer be recognised as such, and would be read aloud.
A shelter that never closes is given up after a while, so that nothing is held back for ever.
"""

from __future__ import annotations

FENCE_LIMIT = 2000
"""Characters after which an open fence is no longer waited for."""
INLINE_LIMIT = 300
"""The same for inline code and for links."""

_CLOSING = {"[": "]", "(": ")"}


class Shelter:
    """Follows a text character by character and knows whether it is inside code or a link."""

    __slots__ = ("_bracket", "_code", "_depth", "_inside", "_run", "abandoned")

    def __init__(self, abandoned: str = "") -> None:
        self.abandoned = abandoned
        """A fence that was given up: the row that ends it must not open another one."""
        self._run = 0  # the length of the row of backticks that is being read
        self._code = ""  # the row that opened the code we are in
        self._bracket, self._depth = "", 0  # the bracket we are in; "]" just after a label
        self._inside = 0

    def take(self, char: str, *, newline: bool) -> bool:
        """Read one more character; true if the text may not be cut just before it."""
        if char == "`" and not self._bracket:
            self._run += 1
            return self._stay() if self._code else self._run > 1
        if self._run:
            self._end_run()
        if not self._code:
            return self._in_link(char, newline)
        if newline and len(self._code) < 3:
            self._code = ""
        return self._stay()

    def _stay(self) -> bool:
        if not self._code:
            return False
        self._inside += 1
        fence = len(self._code) >= 3
        if self._inside <= (FENCE_LIMIT if fence else INLINE_LIMIT):
            return True
        if fence:
            self.abandoned = self._code
        self._code = ""
        return False

    def _end_run(self) -> None:
        run, self._run = "`" * self._run, 0
        if self._code:
            if run == self._code or (len(self._code) >= 3 and run.startswith(self._code)):
                self._code = ""
        elif self.abandoned and run.startswith(self.abandoned):
            self.abandoned = ""
        else:
            self._code, self._inside = run, 0

    def _in_link(self, char: str, newline: bool) -> bool:
        if self._bracket == "]":  # a label has closed: its target follows at once, or there is none
            self._bracket, self._depth = (char, 1) if char in _CLOSING else ("", 0)
            return bool(self._bracket)
        if not self._bracket:
            if char == "[":
                self._bracket, self._depth, self._inside = "[", 1, 0
            return False
        self._inside += 1
        if newline or self._inside > INLINE_LIMIT:
            self._bracket = ""
            return False
        if char == self._bracket:
            self._depth += 1
        elif char == _CLOSING[self._bracket]:
            self._depth -= 1
            if not self._depth:
                # After `[label]` a target may follow; after `(target)` the link is over.
                self._bracket = "]" if self._bracket == "[" else ""
        return True
