"""Does this word end a sentence, a clause, or nothing?

The judgement falls when the white space after a word arrives, so that no time is lost. Only where
the word alone can't tell (`etc.`, `"Really?"`, `No.`) does it wait for the next letter.
"""

from __future__ import annotations

import enum
import re


class Stop(enum.Enum):
    NONE = enum.auto()
    CLAUSE = enum.auto()
    SENTENCE = enum.auto()
    UNLESS_LOWER = enum.auto()
    """A sentence ends here unless the next letter is small: `"Really?" he asked.`"""
    UNLESS_DIGIT = enum.auto()
    """A sentence ends here unless a number follows: `No. I won't.` but `No. 5`."""
    IF_UPPER = enum.auto()
    """A sentence ends here only if a capital follows: `nuts, etc. Then` but `at 7 a.m. sharp`."""


UNDECIDED = frozenset({Stop.UNLESS_LOWER, Stop.UNLESS_DIGIT, Stop.IF_UPPER})

CLOSERS = frozenset("\"'”’»›)]}」』）】》〉*_~")
"""What may stand between a stop and the white space after it."""
_EMPHASIS = frozenset("*_~")
_OPENERS = "\"'“‘«‹([{*_~#>-"

UNSPACED_SENTENCE = frozenset("。！？｡।॥؟۔።።។။")
"""Stops of scripts that put no space between sentences, or need none to be sure."""
UNSPACED_CLAUSE = frozenset("，、；：—")
UNSPACED = UNSPACED_SENTENCE | UNSPACED_CLAUSE
_CLAUSE = frozenset(",;:،؛…") | UNSPACED_CLAUSE
_DASHES = "-–—−"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that are followed by what they introduce, so that their stop never ends a sentence.
_ABBREVIATIONS = _words(
    """
    dr mr mrs ms mx prof rev hon gen col lt sgt capt cmdr adm gov sen rep pres st sr jr messrs
    vs approx dept inc ltd co corp bros mt ft ave blvd fig figs vol pp al cf viz eq
    jan feb aug sept oct nov dec e.g i.e
    bzw ca nr str hr usw z evtl ggf vgl inkl mme mlle sra srta dra ud uds
    """
)
_MAY_END = _words("etc a.m p.m")
_BEFORE_NUMBERS = _words("no nos art sec ch pt")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")


def stop_after(word: str, *, opens_line: bool) -> Stop:
    """How the text stands after `word`, given that white space follows it."""
    bare, quoted = _unclosed(word)
    if not bare:
        return Stop.NONE
    last = bare[-1]
    if last in UNSPACED_SENTENCE:
        return Stop.SENTENCE
    if last in "!?":
        return Stop.UNLESS_LOWER if quoted else Stop.SENTENCE
    if last in _CLAUSE or bare.endswith("..") or not bare.strip(_DASHES):
        return Stop.CLAUSE
    if last == ".":
        return _after_full_stop(bare[:-1].lstrip(_OPENERS), quoted, opens_line)
    return Stop.NONE


def stop_within(text: str) -> Stop:
    """How the text stands at its end when the next character is known not to be white space."""
    bare, _ = _unclosed(text[-8:])
    if bare and bare[-1] in UNSPACED_SENTENCE:
        return Stop.SENTENCE
    return Stop.CLAUSE if bare and bare[-1] in UNSPACED_CLAUSE else Stop.NONE


def decide(stop: Stop, following: str) -> Stop:
    """Settle an undecided stop by the first character that follows it."""
    ends = {
        Stop.UNLESS_LOWER: not following.islower(),
        Stop.UNLESS_DIGIT: not following.isdigit(),
        Stop.IF_UPPER: following.isupper(),
    }
    return Stop.SENTENCE if ends.get(stop) else Stop.NONE


def _unclosed(word: str) -> tuple[str, bool]:
    """The word without what closes after it, and whether a quote or bracket was among that."""
    end, quoted = len(word), False
    while end and word[end - 1] in CLOSERS:
        end -= 1
        quoted = quoted or word[end] not in _EMPHASIS
    return word[:end], quoted


def _after_full_stop(stem: str, quoted: bool, opens_line: bool) -> Stop:
    name = stem.casefold()
    if opens_line and ((stem.isdigit() and len(stem) <= 3) or (stem.isalpha() and len(stem) == 1)):
        return Stop.NONE  # the marker of a numbered list
    if name in _MAY_END:
        return Stop.IF_UPPER
    if name in _BEFORE_NUMBERS:
        return Stop.UNLESS_DIGIT
    if name in _ABBREVIATIONS or _DOTTED.fullmatch(stem):
        return Stop.NONE
    if len(stem) == 1 and stem.isupper() and stem != "I":
        return Stop.NONE  # an initial
    if quoted or (len(stem) <= 2 and stem.isdigit()) or (len(stem) == 1 and stem.islower()):
        return Stop.UNLESS_LOWER
    return Stop.SENTENCE
