"""The languages that Whisper knows, by their codes, and by the English names that it also uses."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.engines.languages import primary, usual_code

_NAMES = (
    "en english, zh chinese, de german, es spanish, ru russian, ko korean, fr french, "
    "ja japanese, pt portuguese, tr turkish, pl polish, ca catalan, nl dutch, ar arabic, "
    "sv swedish, it italian, id indonesian, hi hindi, fi finnish, vi vietnamese, he hebrew, "
    "uk ukrainian, el greek, ms malay, cs czech, ro romanian, da danish, hu hungarian, "
    "ta tamil, no norwegian, th thai, ur urdu, hr croatian, bg bulgarian, lt lithuanian, "
    "la latin, mi maori, ml malayalam, cy welsh, sk slovak, te telugu, fa persian, lv latvian, "
    "bn bengali, sr serbian, az azerbaijani, sl slovenian, kn kannada, et estonian, "
    "mk macedonian, br breton, eu basque, is icelandic, hy armenian, ne nepali, mn mongolian, "
    "bs bosnian, kk kazakh, sq albanian, sw swahili, gl galician, mr marathi, pa punjabi, "
    "si sinhala, km khmer, sn shona, yo yoruba, so somali, af afrikaans, oc occitan, "
    "ka georgian, be belarusian, tg tajik, sd sindhi, gu gujarati, am amharic, yi yiddish, "
    "lo lao, uz uzbek, fo faroese, ht haitian creole, ps pashto, tk turkmen, nn nynorsk, "
    "mt maltese, sa sanskrit, lb luxembourgish, my myanmar, bo tibetan, tl tagalog, "
    "mg malagasy, as assamese, tt tatar, haw hawaiian, ln lingala, ha hausa, ba bashkir, "
    "jw javanese, su sundanese, yue cantonese"
)
_CODES = {name: code for code, _, name in (one.partition(" ") for one in _NAMES.split(", "))}

LANGUAGES = tuple(_CODES.values())


def language_code(language: str, known: Sequence[str] = LANGUAGES) -> str:
    """The language as Whisper writes it; empty, so that it finds out, if it is not among these."""
    code = primary(language)
    return code if code in map(primary, known) else ""


def language_told(language: object) -> str | None:
    """The code of the language that an answer tells, by its code or by its name; None for what is
    neither."""
    if not isinstance(language, str):
        return None
    written = language.strip().lower()
    code = _CODES.get(written) or language_code(written)
    return usual_code(code) if code else None
