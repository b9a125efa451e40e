"""Captions as text for a terminal: what is said stays, what is still being said is drawn over.

The lower lines of the terminal are ours: what each side is saying just now, and a line that says
how things stand. Whenever they change they are wiped away and drawn again, below whatever has
been said to its end meanwhile. Without a terminal only the latter is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from repartee.talking.dialogue import Caption, Who

_NAMES: dict[Who, str] = {"you": "you  ", "reply": "     ", "note": "  ·  "}
_INDENT = 5
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_WIPE_BELOW = "\x1b[J"
_NARROWEST = 20


class Screen:
    def __init__(self, *, live: bool, styled: bool = True) -> None:
        """`live`: this is a terminal, and may be drawn over."""
        self._live = live
        self._styled = styled
        self._shown: list[str] = []

    def draw(
        self,
        said: Sequence[Caption],
        being_said: Sequence[Caption] = (),
        status: str = "",
        *,
        width: int = 80,
        height: int = 24,
    ) -> str:
        """What is to be written now; empty if nothing has changed."""
        if not self._live:
            return "".join(f"{_NAMES[one.who]}{plain(one.text)}\n" for one in said)
        width = max(width, _NARROWEST)
        lower = [
            *(self._dimmed(row) for one in being_said for row in _rows(one, width)),
            *([self._dimmed(_clipped(plain(status), width - 1))] if status else []),
        ][-max(height - 1, 1) :]
        if not said and lower == self._shown:
            return ""
        above = [row for one in said for row in _rows(one, width)]
        wipe = self._wipe()
        self._shown = lower
        return wipe + "".join(f"{row}\n" for row in above) + "\n".join(lower)

    def _wipe(self) -> str:
        rows_above = len(self._shown) - 1
        up = f"\x1b[{rows_above}A" if rows_above > 0 else ""
        return f"\r{up}{_WIPE_BELOW}"

    def _dimmed(self, row: str) -> str:
        return f"{_DIM}{row}{_PLAIN}" if self._styled else row


def plain(text: str) -> str:
    """In one line, and unable to steer the terminal."""
    harmless = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    return " ".join(harmless.split())


def cells(text: str) -> int:
    """How many columns it takes: Chinese characters take two each, accents none of their own."""
    return sum(map(_cells, text))


def _cells(sign: str) -> int:
    return 0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1


def _rows(caption: Caption, width: int) -> Iterator[str]:
    """A last column that is filled makes some terminals go on in the next row: it stays empty."""
    beginning = _NAMES[caption.who]
    for row in wrapped(plain(caption.text), width - 1 - _INDENT):
        yield beginning + row
        beginning = " " * _INDENT


def wrapped(text: str, width: int) -> Iterator[str]:
    """In rows of at most so many columns, between words where that can be."""
    row, used = "", 0
    for word in text.split():
        while True:
            needed = cells(word) + bool(row)
            if used + needed <= width:
                row, used = f"{row} {word}" if row else word, used + needed
                break
            if row:
                yield row
                row, used = "", 0
            else:
                first = _clipped(word, width)
                yield first
                word = word[len(first) :]
    if row:
        yield row


def _clipped(text: str, width: int) -> str:
    """As much of its beginning as has room."""
    used = 0
    for at, sign in enumerate(text):
        used += _cells(sign)
        if used > width:
            return text[:at]
    return text
