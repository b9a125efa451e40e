"""Who Kokoro can speak as, here or elsewhere: its voices by name, and mixes of them such as
`af_bella(2)+af_sky`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import msgspec

from repartee.engines.protocols import Voice
from repartee.engines.tts.voices import in_language, language_tag, primary, resolve_among
from repartee.errors import UnknownVoice

_LETTERS = {primary(language_tag(letter)): letter for letter in "zpjihfeba"}
"""Kokoro's letters for languages; a voice's name begins with one, and the second says who it is."""
_GENDERS: dict[str, Literal["female", "male"]] = {"f": "female", "m": "male"}
_NAME = re.compile(r"([a-z])([a-z])_[a-z0-9_]+", re.IGNORECASE)
_MIXED = re.compile(r"([a-z0-9_]+)(?:\(\d+(?:\.\d+)?\))?", re.IGNORECASE)


class KokoroVoices:
    """`presumed` are those of somebody who could not be asked yet: there may be others."""

    def __init__(self, voices: Mapping[str, Voice], *, presumed: bool = False) -> None:
        self._voices = voices
        self._presumed = presumed

    def __repr__(self) -> str:
        return f"{len(self._voices)} voices"

    @classmethod
    def named(cls, names: Iterable[str]) -> Self:
        return cls({name.lower(): _voice(name) for name in names})

    @classmethod
    def listed(cls, body: bytes) -> Self | None:
        """The voices on a server's list, older or newer; None if there are none."""
        try:
            told: Any = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        listed = told.get("voices") if isinstance(told, dict) else None
        entries = listed if isinstance(listed, list) else []
        names = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
        voices = cls.named(name for name in names if isinstance(name, str) and name)
        return voices if voices.all else None

    @property
    def all(self) -> Sequence[Voice]:
        return tuple(self._voices.values())

    def find(self, name: str, language: str) -> Voice:
        parts = [_MIXED.fullmatch(part) for part in name.strip().split("+")]
        mixed = [self._voices.get(part[1].lower()) if part else None for part in parts]
        if mixed[0] is not None and all(mixed) and (len(mixed) > 1 or "(" in name):
            return Voice(name.strip(), mixed[0].language, mixed[0].gender)
        try:
            voice = resolve_among(self.all, name, language)
        except UnknownVoice:
            if not (self._presumed and name.strip()):
                raise
            voice = _voice(name.strip())
        known = primary(language_tag(language)) in _LETTERS
        return in_language(voice, language) if known else voice

    def letter(self, voice: Voice, language: str) -> str:
        """Kokoro's letter for the language of a text that this voice speaks.

        Within one language the voice keeps its own accent, and one that is unknown here is left
        to the voice.
        """
        own = voice.name[0].lower()
        wanted = primary(language_tag(language))
        if wanted == primary(language_tag(own)):
            return own
        return _LETTERS.get(wanted, own)


def _voice(name: str) -> Voice:
    letters = _NAME.fullmatch(name)
    if letters is None:
        return Voice(name, "en-us")
    return Voice(name, language_tag(letters[1]), _GENDERS.get(letters[2].lower(), "neutral"))
