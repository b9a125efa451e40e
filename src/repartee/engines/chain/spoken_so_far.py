"""How far a phrase was spoken when its voice broke off, so that another voice can go on from there.

An engine that times its words says it exactly. Of any other it is estimated from how long people
take for a letter, and rounded down to the beginning of a word: a word that is said twice does less
harm than one that is missing.
"""

from __future__ import annotations

import re

import msgspec

from repartee.engines.protocols import Sound, WordTime

LETTER_S = 0.055
"""What a quick speaker takes for a character: never more than was really said."""
_LONGEST_WORD = 30
"""Texts without spaces between their words can be cut anywhere."""
_WORD = re.compile(r"\S+")


class SpokenSoFar:
    def __init__(self, text: str, speed: float) -> None:
        self._text = text
        self._speed = speed
        self._from = 0
        """Where in the text the voice that speaks now began."""
        self._seconds = self._voice_seconds = 0.0
        self._words: list[WordTime] = []
        """Those that this voice has timed, with their places in the whole text."""

    def rest(self) -> str:
        """What is still to be said. Another voice begins with it."""
        self._from = self._reached()
        self._voice_seconds = 0.0
        self._words.clear()
        return self._text[self._from :]

    def take(self, sound: Sound) -> Sound:
        """A piece is passed on; its words are put where they belong in the whole phrase."""
        moved_ms = round((self._seconds - self._voice_seconds) * 1000)
        words = sound.words
        if self._from or moved_ms:
            words = tuple(
                WordTime(word.offset + self._from, word.length, word.start_ms + moved_ms)
                for word in words
            )
        self._words.extend(words)
        seconds = len(sound.samples) / sound.rate_hz
        self._seconds += seconds
        self._voice_seconds += seconds
        return sound if words is sound.words else msgspec.structs.replace(sound, words=words)

    def _reached(self) -> int:
        """The place from which nothing was heard, or at most a part of a word."""
        if not self._voice_seconds:
            return self._from
        if self._words:
            return self._words[-1].offset  # it may have been cut off in its midst
        letters = int(self._voice_seconds * self._speed / LETTER_S)
        place = min(self._from + letters, len(self._text))
        for word in _WORD.finditer(self._text, self._from):
            if word.end() > place:
                is_cut = word.start() < place and len(word[0]) > _LONGEST_WORD
                return place if is_cut else max(word.start(), self._from)
        return len(self._text)
