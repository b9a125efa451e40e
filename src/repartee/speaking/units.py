"""Text in, speakable units out, while the model is still writing.

The first unit is short, so that sound starts early; later ones are whole sentences, long enough
not to sound chopped. The text is read one character at a time, so the units depend on the text
alone and never on how it was split into pieces. A unit keeps the white space before it: all units
put together are the text as it was written, less the white space at its two ends.
"""

from __future__ import annotations

import msgspec

from repartee.speaking.shelter import FENCE_LIMIT, Shelter
from repartee.speaking.stops import (
    CLOSERS,
    UNDECIDED,
    UNSPACED,
    Stop,
    decide,
    stop_after,
    stop_within,
)

_NEWLINES = frozenset("\n\r\u2028\u2029")
_TAILS = CLOSERS | UNSPACED
_MARKERS = " \t*_~#>-+•"


class UnitRules(msgspec.Struct, frozen=True):
    first_min_words: int = 3
    """The first unit may end at a comma once it has this many words."""
    first_max_words: int = 6
    """The first unit ends here even without punctuation."""
    min_words: int = 8
    """A later unit ends with a sentence once it has this many words."""
    max_words: int = 25
    """A later unit longer than this ends at a comma too."""
    max_chars: int = 200
    """No unit is longer, but for code, links and single words."""


class UnitCutter:
    """Cuts one reply into units; after `finish` it is ready for the next."""

    def __init__(self, rules: UnitRules | None = None) -> None:
        self._rules = rules or UnitRules()
        self._begin()

    def feed(self, piece: str) -> list[str]:
        """Take the next piece of the text; the units that it completed."""
        units: list[str] = []
        todo = list(reversed(piece))
        while todo:
            cut = self._take(todo.pop())
            if cut:
                text = self._text
                units.append(text[:cut])
                if self._words:
                    self._early = False
                self._restart()
                todo.extend(reversed(text[cut:]))  # what lies behind the cut is read again
        return units

    def finish(self) -> list[str]:
        """The text is over: the rest of it."""
        rest = self._text.rstrip()
        self._begin()
        return [rest] if rest else []

    def _begin(self) -> None:
        self._early = True  # nothing with words in it was cut yet
        self._shelter = Shelter()
        self._restart()
        self._blank = True  # not a character yet, but for white space

    def _restart(self) -> None:
        self._blank = False
        self._text: str = ""
        self._words: float = 0
        self._word_at = 0  # where the current word begins
        self._word_end = 0  # where the last finished word ended
        self._break = 0  # the last stop or comma at which a long unit may be cut
        self._short_break = 0  # the same, with less than a whole unit before it
        self._open = Stop.NONE  # a stop that waits for the next letter
        self._shelter = Shelter(self._shelter.abandoned)

    def _take(self, char: str) -> int:
        """Read one character; where to cut the text, or 0."""
        space = char.isspace()
        if self._blank:
            if space:
                return 0
            self._blank = False
        before = self._text
        self._text = before + char
        if self._shelter.take(char, newline=char in _NEWLINES):
            return 0
        if space:
            return self._take_space(char)
        cut = 0
        if self._open is not Stop.NONE:
            stop, self._open = decide(self._open, char), Stop.NONE
            cut = self._judge(stop, self._word_end)
        elif before and before[-1] in _TAILS and char not in _TAILS:
            cut = self._take_unspaced(before)
        if char >= "\u0e00" and _written_without_spaces(char):
            self._words += 0.5
        return cut or self._overlong(char)

    def _take_space(self, char: str) -> int:
        end = len(self._text) - 1
        word, self._word_at = self._text[self._word_at : end], end + 1
        cut = 0
        if word:
            stop = stop_after(word, opens_line=self._opens_line(word))
            self._end_word(word, end)
            if stop in UNDECIDED:
                self._open, stop = stop, Stop.NONE
            cut = self._judge(stop, end)
        if not cut and char in _NEWLINES:
            cut = self._word_end
        return cut or self._overlong(char)

    def _take_unspaced(self, before: str) -> int:
        stop = stop_within(before)
        if stop is Stop.NONE:
            return 0
        word, self._word_at = before[self._word_at :], len(before)
        self._end_word(word, len(before))
        return self._judge(stop, len(before))

    def _end_word(self, word: str, end: int) -> None:
        self._word_end = end
        if word.startswith("`") or _written_without_spaces(word[:1]):
            return  # code isn't spoken; the other scripts are counted by the character
        if any(map(str.isalnum, word)):
            self._words += 1

    def _opens_line(self, word: str) -> bool:
        if self._words or len(word) > 8:
            return False
        lead = self._text[: -len(word) - 1].rstrip(_MARKERS)
        return lead[-1] in _NEWLINES if lead else self._early

    def _judge(self, stop: Stop, end: int) -> int:
        """Where to cut, now that a word has ended at `end` with this stop."""
        rules, words = self._rules, self._words
        ends = stop is Stop.SENTENCE
        if self._early:
            long_enough = stop is Stop.CLAUSE and words >= rules.first_min_words
            return end if (ends and words) or long_enough or words >= rules.first_max_words else 0
        if stop is not Stop.NONE and words >= rules.min_words:
            if ends:
                return end
            self._break = end
        elif ends:
            self._short_break = end
        return (self._break or self._short_break) if words > rules.max_words else 0

    def _overlong(self, char: str) -> int:
        """Where to cut a unit that has grown too long, or 0."""
        size = len(self._text)
        if size <= self._rules.max_chars:
            return 0
        cut = self._break or self._short_break or self._word_end
        if not cut and (_written_without_spaces(char) or size > FENCE_LIMIT):
            cut = size - 1
        return cut


def _written_without_spaces(char: str) -> bool:
    """Whether the character's script puts no space between words; two of them count as a word."""
    return char >= "\u0e00" and (
        "\u0e00" <= char <= "\u0eff"  # Thai, Lao
        or "\u1000" <= char <= "\u109f"  # Burmese
        or "\u1780" <= char <= "\u17ff"  # Khmer
        or "\u3040" <= char <= "\u30ff"  # Japanese
        or "\u3400" <= char <= "\u9fff"  # Chinese
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003ffff"
    )
