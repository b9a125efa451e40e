"""What a model thinks before it speaks, kept from being spoken.

Most servers keep it apart. Where they don't, it stands between `<think>` and `</think>` at the
beginning of the answer.
"""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class ThoughtFilter:
    def __init__(self) -> None:
        self._held = ""
        self._take = self._before

    def take(self, piece: str) -> str:
        """What of the answer may be spoken now that this piece has come."""
        return self._take(piece)

    def rest(self) -> str:
        """What was held back because it might have become a thought."""
        return self._held if self._take == self._before else ""

    def _before(self, piece: str) -> str:
        self._held += piece
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._held, self._take = "", self._within
            return self._within(start.removeprefix(_OPEN))
        if _OPEN.startswith(start):
            return ""
        text, self._held, self._take = self._held, "", self._spoken
        return text

    def _within(self, piece: str) -> str:
        self._held += piece
        thought, closed, text = self._held.partition(_CLOSE)
        if not closed:
            self._held = thought[-len(_CLOSE) :]
            return ""
        self._held, self._take = "", self._after
        return self._after(text)

    def _after(self, piece: str) -> str:
        text = piece.lstrip()
        if text:
            self._take = self._spoken
        return text

    def _spoken(self, piece: str) -> str:
        return piece
