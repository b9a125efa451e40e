"""What a client of an STT broker wishes, out of the fields of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.brokers.formats import CONTENT_TYPES, Format
from repartee.errors import BadInput


class Wish(msgspec.Struct, frozen=True):
    format: Format = "json"
    language: str = ""
    """Empty: the usual one of whoever transcribes."""
    options: Mapping[str, str] = {}
    """What else whisper.cpp can be told; other engines have no use for it."""


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


_KINDS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "a number from 0 to 1": (_is_share, "temperature temperature_inc"),
    "a whole number": (_is_count, "beam_size best_of audio_ctx max_len"),
    "true or false": (
        lambda text: text.lower() in ("true", "false", "1", "0", "yes", "no"),
        "translate no_timestamps split_on_word suppress_nst no_language_probabilities",
    ),
    "a text": (lambda text: True, "prompt"),
}
"""What is handed on to whisper.cpp, which fails at a number that is none."""
_OPTIONS = {name: kind for kind, (_, names) in _KINDS.items() for name in names.split()}
FIELDS = ("response_format", "language", *_OPTIONS)


def wish_in(fields: Mapping[str, str]) -> Wish:
    written = fields.get("response_format", "").strip() or "json"
    known: dict[str, Format] = {name: name for name in CONTENT_TYPES}
    if written not in known:
        raise BadInput(
            f"There is no response_format {written[:40]!r}.", hint=f"Use {', '.join(known)}."
        )
    options = {name: value for name in _OPTIONS if (value := fields.get(name, "").strip())}
    for name, value in options.items():
        fits, _ = _KINDS[_OPTIONS[name]]
        if not fits(value):
            raise BadInput(f"The field {name!r} must be {_OPTIONS[name]}.")
    return Wish(known[written], fields.get("language", "").strip(), options)
