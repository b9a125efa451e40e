"""Which characters an engine gets to see.

Two sieves. The first, before anything else, takes out what nobody can hear (controls, invisible
joiners, broken surrogates) and, for an engine that knows ASCII only, writes letters in ASCII. The
second, when every known symbol has become words, takes out the symbols that are left.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_UNHEARD = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]|[^\x00-\x7f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

FOREIGN_SYMBOLS = frozenset("%&+=@$€£¥°×²³§")
"""Symbols that an engine says by itself in its own language."""

_ASCII_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L",
    "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng", "Ŋ": "NG",
}  # fmt: skip
_ASCII_MARKS = {
    "。": ". ", "．": ".", "，": ", ", "、": ", ", "！": "! ", "？": "? ", "：": ": ", "；": "; ",
    "（": " (", "）": ") ", "؟": "? ", "،": ", ", "؛": "; ", "।": ". ", "۔": ". ",
}  # fmt: skip
_TYPOGRAPHIC = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"',
    "…": "...", "‐": "-", "‑": "-", "⁃": "-", "⁄": "/", "∕": "/",
})  # fmt: skip


def audible(text: str, *, ascii_only: bool) -> str:
    """The text without what can't be heard, in one normal form, quotes and ellipses straight."""
    text = _UNHEARD.sub(lambda found: _heard(found[0]), text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
        if ascii_only:
            text = _NOT_ASCII.sub(lambda found: _in_ascii(found[0]), text)
    return text


@functools.lru_cache(maxsize=4096)
def _heard(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zl", "Zp") or char == "\x85":
        return "\n"
    if category == "Zs":
        return " "
    invisible = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return "" if invisible or category[0] == "C" or category == "Me" else char


@functools.lru_cache(maxsize=4096)
def _in_ascii(char: str) -> str:
    """A letter, accent, digit or foreign stop in ASCII; symbols are for the tables of words."""
    if char in _ASCII_LETTERS:
        return _ASCII_LETTERS[char]
    if char in _ASCII_MARKS:
        return _ASCII_MARKS[char]
    category = unicodedata.category(char)
    if category[0] == "M":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] != "L" or char in "πª":
        return char
    plain = [mark for mark in unicodedata.normalize("NFKD", char) if mark.isascii()]
    return "".join(mark for mark in plain if mark.isalnum()) or " "


_NOT_PLAIN = re.compile(r"""[^A-Za-z0-9\s.,;:!?'"()-]""")
_MARKS_UNSPOKEN = frozenset("†‡•‣※‰‱§¶·‧⁂⁎⁑")


def drop_symbols(text: str, *, english: bool, ascii_only: bool) -> str:
    """Letters, digits and punctuation stay; every other character becomes a space."""
    text = _NOT_PLAIN.sub(lambda found: _spoken(found[0], english, ascii_only), text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@functools.lru_cache(maxsize=4096)
def _spoken(char: str, english: bool, ascii_only: bool) -> str:
    category = unicodedata.category(char)
    if char in "–—―":
        return char  # the dashes have a rule of their own
    if char.isascii() or category[0] == "S" or category == "No":
        if not english and char in FOREIGN_SYMBOLS and (char.isascii() or not ascii_only):
            return char
        digits = unicodedata.normalize("NFKD", char)
        return f" {digits} " if category == "No" and digits.isdecimal() else " "
    if ascii_only or category[0] not in "LMNP" or category == "Pc" or char in _MARKS_UNSPOKEN:
        return " "
    return "-" if category == "Pd" else char
