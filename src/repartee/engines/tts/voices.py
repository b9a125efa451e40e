"""The voices that clients name, whatever engine speaks.

Clients know Kokoro's voices by name: `af_heart` is an American woman, `bm_lewis` a British man.
An engine that has no such voice speaks with the nearest it has, by language, accent and gender.
Clients also know Kokoro's letters for languages (`a`, `b`, `e` …).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from repartee.engines.languages import is_auto, same
from repartee.engines.protocols import Synthesizer, Voice
from repartee.errors import BadInput, UnknownVoice

_AMERICAN, _BRITISH = "en-us", "en-gb"

KOKORO_VOICES: dict[str, Voice] = {
    voice.name: voice
    for voice in (
        Voice("af_heart", _AMERICAN, "female"),
        Voice("af_bella", _AMERICAN, "female"),
        Voice("af_nicole", _AMERICAN, "female"),
        Voice("af_sky", _AMERICAN, "female"),
        Voice("am_adam", _AMERICAN, "male"),
        Voice("am_michael", _AMERICAN, "male"),
        Voice("bf_emma", _BRITISH, "female"),
        Voice("bf_isabella", _BRITISH, "female"),
        Voice("bm_george", _BRITISH, "male"),
        Voice("bm_lewis", _BRITISH, "male"),
    )
}

SHORT_NAMES = {"af": "af_heart", "am": "am_michael", "bf": "bf_emma", "bm": "bm_george"}

LIKE = {"female": "af_heart", "male": "am_michael", "neutral": "af_heart"}
"""Names for which every engine finds a voice."""

_LANGUAGE_LETTERS = {
    "a": _AMERICAN,
    "b": _BRITISH,
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "zh",
}


def kokoro_voice(name: str) -> Voice | None:
    """The voice that clients mean by this name, short or full."""
    name = name.strip().lower()
    return KOKORO_VOICES.get(SHORT_NAMES.get(name, name))


def language_tag(language: str) -> str:
    """A language as tags are written: `en_US` and Kokoro's `a` are both `en-us`.

    `auto` is none: whoever speaks does so in a language of their own.
    """
    if is_auto(language):
        return ""
    tag = language.strip().lower().replace("_", "-")
    return _LANGUAGE_LETTERS.get(tag, tag)


def primary(tag: str) -> str:
    """The language without its region: `en` for `en-us`."""
    return tag.partition("-")[0]


def language_wanted(voice: Voice, language: str) -> str:
    """The language in which a Kokoro voice is to speak.

    Within English its own accent is part of who it is; another language is a matter of the text.
    """
    tag = language_tag(language)
    return voice.language if primary(tag) in ("", "en") else tag


def in_language(voice: Voice, language: str) -> Voice:
    """Somebody who speaks this language as well as their own."""
    tag = language_tag(language)
    if primary(tag) in ("", primary(voice.language)):
        return voice
    return msgspec.structs.replace(voice, language=tag)


def speaks(synthesizer: Synthesizer, language: str) -> bool:
    """Whether it has a voice for this language."""
    try:
        found = synthesizer.resolve(LIKE["neutral"], language)
    except BadInput:
        return False
    return is_of(found, language) or any(is_of(own, language) for own in synthesizer.voices())


def is_of(voice: Voice, language: str) -> bool:
    """Whether this is who speaks this language; everybody is, where none is named."""
    wanted = language_tag(language)
    return not wanted or same(wanted, language_tag(voice.language))


def resolve_among(own: Sequence[Voice], name: str, language: str) -> Voice:
    """The one of an engine's own voices that answers to this name.

    A short name is always short for a Kokoro name. An own name means itself, and a Kokoro name the
    nearest. `UnknownVoice` for any other.
    """
    wanted = name.strip().lower()
    wanted = SHORT_NAMES.get(wanted, wanted)
    for voice in own:
        if voice.name.lower() == wanted:
            return voice
    known = kokoro_voice(wanted)
    if known is None or not own:
        raise unknown_voice(name, (voice.name for voice in own))
    return _nearest(own, known, language)


def _nearest(own: Sequence[Voice], known: Voice, language: str) -> Voice:
    """The nearest voice; different names get different voices as long as there are enough."""
    tag = language_wanted(known, language)
    spoken = (
        [voice for voice in own if language_tag(voice.language) == tag]
        or [voice for voice in own if primary(language_tag(voice.language)) == primary(tag)]
        or list(own)
    )
    candidates = [voice for voice in spoken if voice.gender == known.gender] or spoken
    alike = [
        voice
        for voice in KOKORO_VOICES.values()
        if (voice.language, voice.gender) == (known.language, known.gender)
    ]
    return candidates[alike.index(known) % len(candidates)]


def unknown_voice(name: str, own: Iterable[str]) -> UnknownVoice:
    """The sentence for a name that is nobody's, with a few names that are somebody's."""
    valid = [*list(own)[:3], "af_heart", "am_michael", "bf_emma"]
    examples = ", ".join(dict.fromkeys(valid))
    return UnknownVoice(f"There is no voice named “{name[:40]}”. Try one of these: {examples}.")
