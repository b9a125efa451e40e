"""A long text in portions that a service takes at once, cut where it hurts least."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CUTS = (
    re.compile(r"[.!?…]+[\"'”’»)\]]*\s+|[。！？]\s*|\n+"),
    re.compile(r"[,;:]\s+|\s[–—-]+\s+|[、，；：]\s*"),
    re.compile(r"\s+"),
)
"""The ends of sentences, of clauses, of words."""


def portions(text: str, most_chars: int) -> Iterator[str]:
    rest = text.strip()
    while len(rest) > most_chars:
        cut = _best_cut(rest, most_chars)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _best_cut(text: str, most_chars: int) -> int:
    """The last end of a sentence that fits, or else of something smaller.

    The space after it may lie beyond what fits: it is not spoken.
    """
    for ends in _CUTS:
        cuts = [
            found.end()
            for found in ends.finditer(text, 0, most_chars + 1)
            if 0 < len(text[: found.end()].rstrip()) <= most_chars
        ]
        if cuts:
            return cuts[-1]
    return most_chars
