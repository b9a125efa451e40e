"""Money, powers, fractions, degrees and rates in English words.

Plain numbers, decimals and times stay as they are: engines read them well.
"""

from __future__ import annotations

import re

_CURRENCIES = {  # symbol: one, many, a hundredth, many hundredths
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "￥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₺": ("lira", "lira", "kurush", "kurush"),
    "₿": ("bitcoin", "bitcoins", "", ""),
    "¢": ("cent", "cents", "", ""),
}
_SYMBOLS = "".join(_CURRENCIES)
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion",
           "t": "trillion"}  # fmt: skip
_AMOUNT = r"(\d[\d,]*+)(\.\d+)?+(?: ?(thousand|million|billion|trillion)\b|([kKmMbBtT]|mn|bn)\b)?+"
_MONEY_BEFORE = re.compile(rf"(?:\b(US|AU|CA|NZ|HK|A|C))?([{_SYMBOLS}]) ?{_AMOUNT}")
_MONEY_AFTER = re.compile(rf"(?<![\d.,\w^]){_AMOUNT} ?([{_SYMBOLS}])")
_MONEY_RANGE = re.compile(rf"([{_SYMBOLS}]) ?(\d[\d,]*+(?:\.\d+)?+) ?[-–] ?\1? ?(?=\d)")
_LANDS = {"US": "US ", "AU": "Australian ", "A": "Australian ", "CA": "Canadian ",
          "C": "Canadian ", "NZ": "New Zealand ", "HK": "Hong Kong "}  # fmt: skip

_LENGTHS = {"km": "kilometers", "m": "meters", "cm": "centimeters", "mm": "millimeters",
            "mi": "miles", "ft": "feet", "in": "inches", "yd": "yards"}  # fmt: skip
_AREA = re.compile(r"(?<=\d)( ?)(km|cm|mm|mi|ft|in|yd|m)([²³])")
_SPEED = re.compile(r"(?<=\d)( ?)(km|mi|ft|m)/(h|hr|s|sec|min)\b")
_PER = re.compile(
    r"(?<=\w)/(h|hr|hour|s|sec|second|min|minute|day|night|week|month|year|yr|kg|lb|person)\b"
)
_PERIODS = {"h": "hour", "hr": "hour", "s": "second", "sec": "second", "min": "minute",
            "yr": "year", "kg": "kilogram", "lb": "pound"}  # fmt: skip

_RAISED = re.compile(r"[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PLAIN = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "+-0123456789n")
_CARET = re.compile(r"\^[({]?(-?\w{1,9})[)}]?")
_DEGREES = re.compile(r"(?:(?<![\d.,])(1))? ?(?:°(?: ?(C|F)\b)?|(℃)|(℉))")

_MEASURED_RANGE = re.compile(r"(?:(?<=[%°℃℉])|(?<=°[CF])) ?[–-] ?(?=\d)")

_FRACTIONS = {"½": "half", "¼": "quarter", "¾": "three quarters", "⅓": "third",
              "⅔": "two thirds", "⅛": "eighth"}  # fmt: skip
_VULGAR = re.compile(r"(?:(\d) ?)?([½¼¾⅓⅔⅛])")
_WRITTEN = {"1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter",
            "3/4": "three quarters", "24/7": "24 7", "50/50": "50 50", "9/11": "9 11"}  # fmt: skip
_RATIO = re.compile(r"(?<![\d/.,])(\d{1,6}) ?/ ?(\d{1,6})(?![\d/])")


def money_words(text: str) -> str:
    """`$3.50` as "3 dollars and 50 cents", `$5 million` as "5 million dollars"."""
    text = _MONEY_RANGE.sub(r"\2 to \1", text)
    text = _MONEY_BEFORE.sub(
        lambda m: _money(m[2], m[3], m[4], m[5] or m[6], _LANDS.get(m[1] or "", "")), text
    )
    return _MONEY_AFTER.sub(lambda m: _money(m[5], m[1], m[2], m[3] or m[4], ""), text)


def _money(symbol: str, whole: str, part: str | None, scale: str | None, land: str) -> str:
    one, many, hundredth, hundredths = _CURRENCIES[symbol]
    amount = whole.rstrip(",")
    tail = whole[len(amount) :]
    if scale:
        return f"{amount}{part or ''} {_SCALES.get(scale.lower(), scale)} {land}{many}"
    if not part or len(part) != 3 or not hundredth:
        name = one if amount == "1" and not part else many
        return f"{amount}{part or ''} {land}{name}{tail}"
    coins = int(part[1:])
    small = f"{coins} {hundredth if coins == 1 else hundredths}"
    if coins and not amount.strip("0"):
        return small
    notes = f"{amount} {land}{one if amount == '1' else many}"
    return f"{notes} and {small}" if coins else notes


def number_words(text: str) -> str:
    """Powers, fractions, degrees, rates and ratios in words."""
    text = _MEASURED_RANGE.sub(" to ", text)
    if not text.isascii():
        text = _AREA.sub(_area, text.translate(_LOWERED))
        text = _RAISED.sub(lambda m: _power(m[0].translate(_PLAIN)), text)
        text = _DEGREES.sub(_degrees, text)
        text = _VULGAR.sub(_vulgar, text)
    if "^" in text:
        text = _CARET.sub(lambda m: _power(m[1]), text)
    if "/" in text:
        text = _SPEED.sub(lambda m: f" {_LENGTHS[m[2]]}/{m[3]}", text)
        text = _PER.sub(lambda m: f" per {_PERIODS.get(m[1], m[1])}", text)
        text = _RATIO.sub(_ratio, text)
    return text


def _area(found: re.Match[str]) -> str:
    return f" {'square' if found[3] == '²' else 'cubic'} {_LENGTHS[found[2]]}"


def _power(exponent: str) -> str:
    if exponent == "1":  # nearly always the mark of a footnote
        return ""
    named = {"2": " squared", "3": " cubed"}.get(exponent)
    return named or f" to the power of {exponent} "


def _degrees(found: re.Match[str]) -> str:
    scale = "Celsius" if found[3] else "Fahrenheit" if found[4] else ""
    scale = scale or {"C": "Celsius", "F": "Fahrenheit"}.get(found[2] or "", "")
    return f"{found[1] or ''} {'degree' if found[1] else 'degrees'} {scale}".rstrip() + " "


def _vulgar(found: re.Match[str]) -> str:
    name = _FRACTIONS[found[2]]
    if " " in name:
        return f"{found[1]} and {name} " if found[1] else f"{name} "
    article = "an" if name == "eighth" else "a"
    return f"{found[1]} and {article} {name} " if found[1] else f"one {name} "


def _ratio(found: re.Match[str]) -> str:
    written = f"{found[1]}/{found[2]}"
    return _WRITTEN.get(written) or f"{found[1]} over {found[2]}"
