"""Dashes, brackets and stops, as the last touch: what is left is text and nothing else."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(?<=\d) ?– ?(?=\d)|(?<=\w)–(?=\d)|(?<=\d)–(?=\w)")
_SPAN_NAME = (
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|Jan(?:uary)?|Feb(?:ruary)?"
    r"|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_SPAN = re.compile(rf"\b({_SPAN_NAME})–(?={_SPAN_NAME}\b)")
_JOINED = re.compile(r"(?<=\w)–(?=\w)")
_DASH = re.compile(r" ?(?:[–—―]|--)[–—― -]*+")
_SUBTRACTED = re.compile(r"(?<=\d) - (?=\d)")
_NEGATIVE = re.compile(r"(?<![\w)\-.])-(?=\d)")
_SPACED_HYPHEN = re.compile(r"(?: -)+(?= |$)")
_DANGLING_HYPHEN = re.compile(r"(?<![\w)\"'.])-(?=[^\W\d])")

_SPACE_BEFORE = re.compile(r" (?=[,;:!?]|\.(?!\d))")
_COMMA_BEFORE = re.compile(r"(?<!,),++(?=[.!?;:])")
_REPEATED = re.compile(r"([!?;:,])\1+")
_DOTS = re.compile(r"\.{2,}")
_HEAD = re.compile(r"(?:[\s,;:]|[.!?]+(?=\s)|[-+](?=\s|$)|\d{1,3}[.)](?=\s\S))++")


def speak_dashes(text: str, *, english: bool) -> str:
    """Dashes as pauses, ranges as "to" (a hyphen in other languages), a minus as a word."""
    to, minus, subtracted = (" to ", "minus ", " minus ") if english else ("-", "-", " - ")
    if "–" in text:
        text = _RANGE.sub(to, text)
        text = _JOINED.sub("-", _SPAN.sub(r"\1 to ", text) if english else text)
    text = _DASH.sub(", ", text)
    if "-" in text:
        text = _NEGATIVE.sub(minus, _SUBTRACTED.sub(subtracted, text))
        text = _DANGLING_HYPHEN.sub("", _SPACED_HYPHEN.sub(",", text))
    return text


def drop_empty_brackets(text: str) -> str:
    """The text without brackets that hold neither letter nor digit."""
    if "(" not in text:
        return text
    kept: list[str] = []
    opened: list[int] = []
    worth = [False]  # for each open bracket, and the text itself: whether it holds anything
    for piece in re.split(r"([()])", text):
        if piece == "(":
            opened.append(len(kept))
            worth.append(False)
        elif piece == ")" and opened:
            start, full = opened.pop(), worth.pop()
            worth[-1] = worth[-1] or full
            if not full:
                del kept[start:]
                continue
        elif any(map(str.isalnum, piece)):
            worth[-1] = True
        kept.append(piece)
    return "".join(kept)


def close_up(text: str) -> str:
    """Single spaces, and none before a stop."""
    return _SPACE_BEFORE.sub("", " ".join(text.split()))


def tidy(text: str) -> str:
    """Single stops, no remains of a list at the head; "" if nothing is left to say."""
    text = _REPEATED.sub(r"\1", _COMMA_BEFORE.sub("", close_up(text)))
    text = _DOTS.sub("...", text)
    head = _HEAD.match(text)
    if head:
        text = text[head.end() :]
    return text if any(map(str.isalnum, text)) else ""
