"""What recognisers write where nobody said a word: [BLANK_AUDIO], (silence), *music*, lone dots."""

from __future__ import annotations

import re

_NOTE = re.compile(r"\[[^\[\]]*\]|\([^()\d]*\)|\*[^*]*\*|[♪♫]+")
"""A number in round brackets is said: "(555) 1234" is how a telephone number is written."""


def said_in(text: str) -> str:
    """The words in it, without notes; empty if there are none."""
    rest = " ".join(_NOTE.sub(" ", text).split())
    return rest if any(map(str.isalnum, rest)) else ""
