"""From the words that a server says it spoke to the words of the text that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from repartee.engines.protocols import WordTime

_LOOK_AHEAD_CHARS = 60
"""A word that stands farther on than this is another one: servers write "$5" as "five dollars"."""


class Caption(msgspec.Struct, frozen=True):
    word: str
    start_time: float
    """In seconds from the beginning of the sound."""


class CaptionReader:
    """One text being spoken; captions come in the order of its words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last_ms = 0

    def words(self, captions: Iterable[Caption], sound_ms: float) -> Iterator[WordTime]:
        """Those that are found in the text and begin within the sound that there is so far."""
        for caption in captions:
            start_ms = round(caption.start_time * 1000)
            found = self._found(caption.word)
            if found is not None and self._last_ms <= start_ms <= sound_ms:
                self._at, self._last_ms = found.end(), start_ms
                yield WordTime(found.start(), found.end() - found.start(), start_ms)

    def _found(self, word: str) -> re.Match[str] | None:
        if not any(map(str.isalnum, word)):
            return None
        alone = re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.IGNORECASE)
        return alone.search(self._text, self._at, self._at + _LOOK_AHEAD_CHARS + len(word))
