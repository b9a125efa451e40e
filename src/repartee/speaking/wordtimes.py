"""When each word of a unit has been heard.

An engine says a text that the sanitizer has changed ("$5" became "5 dollars"), and tells, if
anything, where in *that* text each word begins. Here those times come back to the words that the
model wrote. Where nothing is known, words share the time by their letters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Protocol

_WORD = re.compile(r"\S+")
_LETTERS_PER_DIGIT = 4  # "7" is said as "seven"


class WordStart(Protocol):
    """A word in the spoken text: where it stands, and when it begins in the unit's sound."""

    @property
    def offset(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def start_ms(self) -> int: ...


def time_words(
    text: str, spoken: str, duration_ms: int, words: Sequence[WordStart] = ()
) -> tuple[int, ...]:
    """When each white-space-separated word of `text` ends, in ms from the start of the unit.

    A word ends where the next one begins. A word that isn't spoken ends with the word before it,
    or, at the head of the unit, with the first word after it.
    """
    written = text.split()
    said = [(found.start(), found.end()) for found in _WORD.finditer(spoken)]
    said_words = [spoken[start:end] for start, end in said]
    said_ends = _spoken_ends(said, said_words, duration_ms, words)
    if written == said_words:
        return tuple(said_ends)
    return tuple(_written_ends(written, said_words, said_ends, duration_ms))


def letters(text: str) -> int:
    """How long a text takes to say, in letters; digits count as the words they are said as."""
    return sum(_LETTERS_PER_DIGIT if char.isdigit() else char.isalnum() for char in text)


def _spoken_ends(
    said: list[tuple[int, int]], names: list[str], duration_ms: int, words: Sequence[WordStart]
) -> list[int]:
    if not said:
        return []
    known = _known_starts(said, duration_ms, words)
    known.setdefault(0, 0)
    known[len(said)] = duration_ms
    ends: list[int] = []
    anchors = sorted(known)
    for here, there in pairwise(anchors):
        ends += _shared(names[here:there], known[here], known[there])
    return ends


def _known_starts(
    said: list[tuple[int, int]], duration_ms: int, words: Sequence[WordStart]
) -> dict[int, int]:
    """The engine's times by the number of the word, less those that can't be right."""
    starts: dict[int, int] = {}
    word_ends = [end for _, end in said]
    last_word, last_ms = -1, 0
    for word in words:
        number = bisect_right(word_ends, word.offset)
        if word.offset < 0 or number >= len(said) or number <= last_word:
            continue  # outside the text, or one more event for a word that has begun already
        if last_ms <= word.start_ms <= duration_ms:
            starts[number] = word.start_ms
            last_word, last_ms = number, word.start_ms
    return starts


def _shared(names: Sequence[str], start_ms: int, end_ms: int) -> list[int]:
    """The ends of words that share a span of time by their letters."""
    weights = [max(1, letters(name)) for name in names]
    total, passed, ends = sum(weights), 0, []
    for weight in weights:
        passed += weight
        ends.append(start_ms + (end_ms - start_ms) * passed // total)
    return ends


def _written_ends(
    written: list[str], said: list[str], said_ends: list[int], duration_ms: int
) -> list[int]:
    """The spoken words' ends, brought back to the written words by aligning the two."""
    if not said:
        return [duration_ms] * len(written)
    ends: list[int | None] = [None] * len(written)
    sounding = [at for at, word in enumerate(written) if _plain(word)]
    matcher = SequenceMatcher(
        None, [_plain(written[at]) for at in sounding], [_plain(word) for word in said], False
    )
    for kind, first, last, said_first, said_last in matcher.get_opcodes():
        if kind == "equal":
            for step in range(last - first):
                ends[sounding[first + step]] = said_ends[said_first + step]
        elif kind == "replace":
            begin = said_ends[said_first - 1] if said_first else 0
            names = [written[at] for at in sounding[first:last]]
            shares = _shared(names, begin, said_ends[said_last - 1])
            for at, end in zip(sounding[first:last], shares, strict=True):
                ends[at] = end
        elif kind == "insert" and first:
            # Said beyond what was written: it belongs to the word before ("$5" → "5 dollars").
            ends[sounding[first - 1]] = said_ends[said_last - 1]
    return _filled(ends, said_ends[-1])


def _filled(ends: list[int | None], last_ms: int) -> list[int]:
    following = next((end for end in ends if end is not None), last_ms)
    filled = []
    for end in ends:
        following = following if end is None else max(following, end)
        filled.append(following)
    return filled


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))
