"""Languages as engines name them, and `auto`: the one that is yet to be found out.

A recogniser that can tell which language it hears says so by an attribute `detects` that is true.
Only such a one is ever asked to listen for `auto`, and its transcripts bear the language.
"""

from __future__ import annotations

from collections.abc import Sequence

from repartee.engines.protocols import Recognizer

AUTO = "auto"

_USUAL_CODES = {"cmn": "zh", "nb": "no", "nn": "no", "jw": "jv", "iw": "he", "fil": "tl"}
"""Of languages that have several: espeak speaks `cmn` and Whisper hears `zh`."""


def is_auto(language: str) -> bool:
    return language.strip().lower() == AUTO


def primary(language: str) -> str:
    """The language without its region: `en` for `en_GB`."""
    return language.strip().lower().replace("_", "-").partition("-")[0]


def same(one: str, other: str) -> bool:
    """Whether both are the same language, whatever their regions and whoever writes them."""
    return usual_code(one) == usual_code(other)


def knows(languages: Sequence[str], language: str) -> bool:
    """Whether this language is among them, whatever its region."""
    return any(same(one, language) for one in languages)


def detects(recognizer: Recognizer) -> bool:
    """Whether it can tell which language it hears."""
    return bool(getattr(recognizer, "detects", False))


def to_listen_for(recognizer: Recognizer, language: str, usual: str = "") -> str:
    """What this recogniser is asked for: one that can't find out the language hears its own, or
    the usual one if it knows that."""
    if not is_auto(language):
        return language
    if detects(recognizer):
        return AUTO
    known = recognizer.languages
    return usual if knows(known, usual) or not known else known[0]


def usual_code(language: str) -> str:
    """The code of this language without its region, as most write it."""
    code = primary(language)
    return _USUAL_CODES.get(code, code)
