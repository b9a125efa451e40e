"""Who speaks when espeak speaks: its own voices, and those it lends to Kokoro's names.

A voice of espeak's is a language or an accent (`en-us`, `de`), spoken by the same man throughout;
a variant after a plus sign makes another speaker of him (`en-us+f2`). The names reported here can
be asked for again and then sound the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.engines.protocols import Voice
from repartee.engines.tts.espeak_library import EspeakVoice
from repartee.engines.tts.voices import (
    KOKORO_VOICES,
    kokoro_voice,
    language_tag,
    language_wanted,
    primary,
    unknown_voice,
)
from repartee.errors import BadInput

# Picked from the women and the men that a speech recogniser made out better than most of them.
_VARIANT_OF_KOKORO = {
    "af_heart": "f2",
    "af_bella": "f5",
    "af_nicole": "f3",
    "af_sky": "anika",
    "am_adam": "edward",
    "am_michael": "michel",
    "bf_emma": "f2",
    "bf_isabella": "f5",
    "bm_george": "benjamin",
    "bm_lewis": "m6",
}

_PITCH = {
    "en-us+edward": 42,
    "en-us+michel": 58,
    "en-gb+f2": 40,
    "en-gb+f5": 58,
    "en-gb+benjamin": 40,
    "en-gb+m6": 54,
}
"""Where two who share a variant, or two men, would be hard to tell apart."""

_VOLUME = {
    "": 80,
    "f2": 75,
    "f3": 82,
    "f5": 88,
    "anika": 60,
    "edward": 70,
    "michel": 76,
    "benjamin": 80,
    "m6": 76,
}
"""Variants differ in loudness by 10 dB and more; these come out within about 3 dB, unclipped."""
_VOLUME_OF_OTHERS = 60


class Speaker(msgspec.Struct, frozen=True):
    voice: Voice
    espeak_name: str
    volume: int
    pitch: int


class Speakers:
    """Everyone the loaded library can speak as."""

    def __init__(self, own: Sequence[EspeakVoice], variants: Sequence[EspeakVoice]) -> None:
        self._own = _named(own)
        self._variants = {_file(variant).lower(): variant for variant in variants}
        self._languages = _languages(own)
        self._names = {voice.identifier: name for name, voice in self._own.items()}

    def __repr__(self) -> str:
        return f"<Speakers: {len(self._own)} languages and accents>"

    def voices(self) -> list[Voice]:
        """Kokoro's names, then espeak's own without the variants."""
        own = [self._speaker(voice, "").voice for voice in self._own.values()]
        # "af" and "am" are short for American voices: who speaks Afrikaans is found by language.
        named = [voice for voice in own if kokoro_voice(voice.name) is None]
        return [*KOKORO_VOICES.values(), *named]

    def find(self, name: str, language: str) -> Speaker:
        """Who answers to this name; `UnknownVoice` or `BadInput` if nobody does."""
        if tag := language_tag(language):
            self._speaking(tag)
        known = kokoro_voice(name)
        if known is not None:
            base = self._speaking(language_wanted(known, language))
            return self._speaker(base, _VARIANT_OF_KOKORO[known.name])
        own_name, _, variant = name.strip().lower().partition("+")
        own = self._own.get(own_name) or self._languages.get(own_name)
        if own is None or (variant and variant not in self._variants):
            raise unknown_voice(name, ("en-us", "de", "fr-fr"))
        return self._speaker(own, variant)

    def _speaking(self, tag: str) -> EspeakVoice:
        voice = self._languages.get(tag) or self._languages.get(primary(tag))
        if voice is None:
            raise BadInput(
                f"Espeak doesn't speak the language “{tag[:40]}”."
                " Please use a tag such as en, de, fr, es or zh."
            )
        return voice

    def _speaker(self, own: EspeakVoice, variant: str) -> Speaker:
        name, espeak_name, female = self._names[own.identifier], own.identifier, own.female
        if variant:
            coloured = self._variants[variant]
            name += f"+{variant}"
            espeak_name += f"+{_file(coloured)}"
            female = coloured.female
        return Speaker(
            voice=Voice(name, _tag(own), "female" if female else "male"),
            espeak_name=espeak_name,
            volume=_VOLUME.get(variant, _VOLUME_OF_OTHERS),
            pitch=_PITCH.get(name, 50),
        )


def _named(own: Sequence[EspeakVoice]) -> dict[str, EspeakVoice]:
    """Each voice under its language, or under its file where two share a language."""
    named: dict[str, EspeakVoice] = {}
    for voice in own:
        named[_file(voice).lower() if _tag(voice) in named else _tag(voice)] = voice
    return named


def _languages(own: Sequence[EspeakVoice]) -> dict[str, EspeakVoice]:
    """For each language the voice that fits it best."""
    best: dict[str, tuple[int, EspeakVoice]] = {}
    for voice in own:
        for distance, tag in voice.tags:
            if tag not in best or distance < best[tag][0]:
                best[tag] = (distance, voice)
    return {tag: voice for tag, (_, voice) in best.items()}


def _tag(voice: EspeakVoice) -> str:
    """The language it is for in the first place."""
    return voice.tags[0][1]


def _file(voice: EspeakVoice) -> str:
    return voice.identifier.rpartition("/")[2]
