"""Text on its way to espeak: made safe, cut into passages, and its words timed.

Nothing here changes where a character stands, so that a word's place in a passage is, shifted by
the passage's offset, its place in the text that was asked for.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from repartee.engines.tts.espeak_library import WordBegins

LONGEST_PASSAGE = 120
"""Eight milliseconds of work, which is how long somebody else's passage may have to be awaited."""

_NO_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CLOSERS = "\"'”’»)]}」』"
_SENTENCE_END = re.compile(rf"(?<=\w\w)[.!?…]+[{re.escape(_CLOSERS)}]*\s+|[。！？]\s*|\n+")
_CLAUSE_END = re.compile(rf"[,;:][{re.escape(_CLOSERS)}]*\s+|\s[–—-]+\s+|[、，；：]\s*")
_SPACE = re.compile(r"\s+")
_PUNCTUATED = re.compile(rf"[.!?…,;:。！？、，；：][{re.escape(_CLOSERS)}]*\s*$")
_SPOKEN_SYMBOLS = frozenset("%&@#*/\\")

_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\s{_IDEOGRAPH}、。，！？；：]+")
_AROUND_WORDS = "\"'“”‘’«»()[]{}<>…,.;:!?¡¿-–—「」『』"


class Passage(msgspec.Struct, frozen=True):
    """A part of a text that is synthesised in one go."""

    offset: int
    text: str

    @property
    def is_punctuated(self) -> bool:
        """Whether a pause belongs after it."""
        return _PUNCTUATED.search(self.text) is not None


class TimedWord(msgspec.Struct, frozen=True):
    offset: int
    length: int
    sample: int


# ---------------------------------------------------------------- making it safe


def speakable(text: str) -> str:
    """The same text with a space for each character that is no text.

    A NUL would end it, a 1 byte begins one of espeak's own commands, and half of a surrogate pair
    can't be encoded.
    """
    return _NO_TEXT.sub(" ", text)


# ---------------------------------------------------------------- passages


def passages(text: str) -> Iterator[Passage]:
    """The text in parts of about the longest size or less, cut where it hurts least.

    At the end of a sentence or a clause nothing is lost: espeak gives each clause a melody of its
    own. Only a run of words without any punctuation is cut between words, and only one word of
    impossible length within.
    """
    start = 0
    while start < len(text):
        end = _end_of_passage(text, start)
        part = text[start:end]
        if not part.isspace():
            yield Passage(start, part)
        start = end


def _end_of_passage(text: str, start: int) -> int:
    limit = _reach(text, start)
    if limit == len(text):
        return limit
    for boundary in (_SENTENCE_END, _CLAUSE_END, _SPACE):
        ends = [match.end() for match in boundary.finditer(text, start, limit)]
        if ends:
            return ends[-1]
    while limit < len(text) and unicodedata.combining(text[limit]):
        limit += 1
    return limit


def _reach(text: str, start: int) -> int:
    """How far a passage that starts here may go."""
    work = 0
    for index in range(start, len(text)):
        work += _work(text[index])
        if work > LONGEST_PASSAGE:
            return index
    return len(text)


def _work(char: str) -> int:
    """How long a character takes to say, in letters: digits and symbols are said in words."""
    category = unicodedata.category(char)
    if category[0] in "NS" or char in _SPOKEN_SYMBOLS:
        return 5
    return 3 if category == "Lo" else 1


# ---------------------------------------------------------------- words


class WordTimer:
    """When each word of a passage begins, from what espeak tells about some of them.

    Espeak takes its own view of what a word is: it tells of each part of a number and of both
    halves of "it's", and of nothing where it runs two words together ("of the"). Here every word
    between spaces begins once. One that espeak passed over begins in between its neighbours.
    """

    def __init__(self, text: str) -> None:
        self._words = list(_words_of(text))
        self._ends = [offset + length for offset, length in self._words]
        self._length = len(text)
        self._next = 0
        self._last = WordBegins(0, 0)

    def told(self, begins: WordBegins) -> list[TimedWord]:
        """The words that can be timed now: this one, after those passed over since the last."""
        index = bisect_right(self._ends, begins.position)
        if index < self._next or index == len(self._words):
            return []
        here = WordBegins(self._words[index][0], max(begins.sample, self._last.sample))
        words = [*self._up_to(index, here), TimedWord(*self._words[index], here.sample)]
        self._next, self._last = index + 1, here
        return words

    def ended(self, samples: int) -> list[TimedWord]:
        """The words at the end that espeak passed over."""
        rest = self._up_to(len(self._words), WordBegins(self._length, samples))
        self._next = len(self._words)
        return rest

    def _up_to(self, index: int, then: WordBegins) -> list[TimedWord]:
        characters = max(1, then.position - self._last.position)
        pace = max(0, then.sample - self._last.sample) / characters
        return [
            TimedWord(
                offset, length, self._last.sample + int(pace * (offset - self._last.position))
            )
            for offset, length in self._words[self._next : index]
        ]


def _words_of(text: str) -> Iterator[tuple[int, int]]:
    """Offset and length of each word, without the marks around it."""
    for match in _WORD.finditer(text):
        without_front = match[0].lstrip(_AROUND_WORDS)
        word = without_front.rstrip(_AROUND_WORDS)
        if word:
            yield match.end() - len(without_front), len(word)
