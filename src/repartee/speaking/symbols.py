"""Symbols in English words; what has no word here is dropped later."""

from __future__ import annotations

import re

_WORDS = (
    (re.compile(r"[-=]{1,3}>|[→⇒➜➔⟶⟹➡]"), " to "),
    (re.compile(r"<[-=]{2,3}|<-(?!\d)|[←⇐]"), " from "),
    (re.compile(r"(?:^|(?<=\s))<3(?!\S)|(?<!\S)[:;]-?[)(DPp](?!\S)"), " "),
    (re.compile(r"<=|≤"), " less than or equal to "),
    (re.compile(r">=|≥"), " greater than or equal to "),
    (re.compile(r"!==?|≠"), " not equal to "),
    (re.compile(r"={3,}+"), " "),
    (re.compile(r"==?"), " equals "),
    (re.compile(r"(?<=\d) ?< ?(?=\S)|(?<=\S) ?< ?(?=\d)|(?<=\b[A-Za-z]) < (?=[A-Za-z]\b)"),
     " less than "),
    (re.compile(r"(?<=\d) ?> ?(?=\S)|(?<=\S) ?> ?(?=\d)|(?<=\b[A-Za-z]) > (?=[A-Za-z]\b)"),
     " greater than "),
    (re.compile(r"^>(?=\d)"), "greater than "),
    (re.compile(r"(?<=\w) > (?=\w)"), ", "),
    (re.compile(r"\b([CFJ])#"), r"\1 sharp"),
    (re.compile(r"#(?=\d)"), " number "),
    (re.compile(r"(?<!\S)#(?=[^\W\d])"), "hashtag "),
    (re.compile(r"№ ?"), " number "),
    (re.compile(r"(?<!\d)~ ?(?=[\d$€£¥])|≈ ?"), " about "),
    (re.compile(r"(?<=\d) ?~ ?(?=\d)"), " to "),
    (re.compile(r"\+/-|±"), " plus or minus "),
    (re.compile(r"%|％"), " percent "),
    (re.compile(r"‰"), " per mille "),
    (re.compile(r"&|＆"), " and "),
    (re.compile(r"@"), " at "),
    (re.compile(r"\+"), " plus "),
    (re.compile(r"−"), " minus "),
    (re.compile(r"×"), " times "),
    (re.compile(r"÷"), " divided by "),
    (re.compile(r"√"), " square root of "),
    (re.compile(r"∞"), " infinity "),
    (re.compile(r"§+"), " section "),
    (re.compile(r"(?<![Ͱ-Ͽ])π(?![Ͱ-Ͽ])"), " pi "),
    (re.compile(r"[«»‹›]"), '"'),
)  # fmt: skip

_ANY = re.compile(r"[^\w\s.,:;!?'\"-]|π")

_SLASHES = (
    (re.compile(r"\band/or\b"), "and or"),
    (re.compile(r"\b([Ww])/o\b ?"), "without "),
    (re.compile(r"\b([Ww])/ ?(?=\w)"), "with "),
    (re.compile(r"(?<=[a-z])(?:/| / )(?=[a-z])"), " or "),
)


def symbol_words(text: str) -> str:
    """The text with symbols said in English; slashes between words offer a choice."""
    if not _ANY.search(text):
        return text
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    if "/" in text:
        for pattern, words in _SLASHES:
            text = pattern.sub(words, text)
    return text
