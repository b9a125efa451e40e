"""In which language a conversation is held: one that was chosen, or the one that was heard last."""

from __future__ import annotations

AUTO = "auto"
"""Instead of a language: whichever is heard."""
FIRST = "en"
"""Of a conversation that follows what is heard, before anything was."""

_TELLING_LETTERS = 5
"""“Okay” is said in every language. Letters that are not Latin tell more."""
_LAST_LATIN_LETTER = "ɏ"

_WRITTEN_NAMES = (
    "ar Arabic, bg Bulgarian, bn Bengali, ca Catalan, cs Czech, cy Welsh, da Danish, de German, "
    "el Greek, en English, es Spanish, et Estonian, fa Persian, fi Finnish, fr French, he Hebrew, "
    "hi Hindi, hr Croatian, hu Hungarian, id Indonesian, it Italian, ja Japanese, ko Korean, "
    "lt Lithuanian, lv Latvian, ms Malay, nl Dutch, no Norwegian, pl Polish, pt Portuguese, "
    "ro Romanian, ru Russian, sk Slovak, sl Slovenian, sr Serbian, sv Swedish, sw Swahili, "
    "ta Tamil, th Thai, tr Turkish, uk Ukrainian, ur Urdu, vi Vietnamese, zh Chinese"
)
_NAMES = {one[:2]: one[3:] for one in _WRITTEN_NAMES.split(", ")}


class SpokenLanguage:
    def __init__(self, usual: str) -> None:
        self.follows = _is_auto(usual)
        """Whether what is heard decides."""
        self.usual = FIRST if self.follows else usual
        """The one in which the model answers without being told."""
        self.now = self.usual

    def __repr__(self) -> str:
        return f"<SpokenLanguage {self.now}{', as heard' if self.follows else ''}>"

    def choose(self, language: str) -> bool:
        """Whether another language is spoken from now on; it goes on in the same one if it is to
        follow what is heard."""
        before, self.follows = self.now, _is_auto(language)
        self.now = self.now if self.follows else language
        return self.now != before

    def heard(self, language: str | None, text: str) -> str | None:
        """Somebody spoke, in this language as far as the recogniser can tell. The one in which
        the conversation goes on because of it; None if nothing was told that matters."""
        if not (self.follows and language):
            return None
        if _tells_its_language(text):
            self.now = language
        return self.now

    @property
    def instruction(self) -> str:
        """What the model has to be told about it: nothing, as a rule."""
        if _primary(self.now) == _primary(self.usual):
            return ""
        name = _NAMES.get(_primary(self.now), "the language that the user speaks")
        return f"Answer in {name}."


def _is_auto(language: str) -> bool:
    return language.strip().lower() == AUTO


def _tells_its_language(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= _TELLING_LETTERS or any(one > _LAST_LATIN_LETTER for one in letters)


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]
