"""Names made of capitals, spelled by letters so that an engine doesn't read them as words.

Spelled: the names in the list, and any two to five capitals without a vowel. Left alone: words
that are said as words (NASA), interjections (HMM), and everything shouted (STOP).
"""

from __future__ import annotations

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPELLED = _names(
    """
    AI AGI API LLM DNA RNA PSI USA US UK EU UN UAE FBI CIA NSA IRS FDA CDC EPA FAA FCC FAQ ATM CEO
    CFO CTO COO CIO HR PR ID IDE CPU GPU TPU NPU USB URL URI UI UX IO OS HTML CSS HTTP HTTPS XML SQL
    PDF PNG SDK CLI SSH FTP TCP UDP IP DNS VPN TTS STT ASR NLP OCR GPT IOT EV AV VR AR XR MRI ECG
    EKG EEG ICU HIV UFO GPS SUV BBC CNN ABC NBC ESPN MIT UCLA NYC DIY ETA FYI BMI IQ EQ GDP IMF NGO
    ROI ISO IEEE IBM AWS AMD UPS USPS UTC EST PST GMT CV VIP DVD LCD LED OLED UHD RGB AC DC IRA IPO
    UV IR EMT ER OBE NBA NFL UEFA USSR YMCA TBD RSVP AKA AES RSA MVP QA MBA PHD USD EUR GBP
    """
)
_NEVER = _names(
    """
    MR MRS MS DR JR SR ST VS MT FT LTD PM HM HMM HMMM MM MMM SH SHH SHHH PSST TSK BRR BRRR GRR
    GRRR ZZ ZZZ ZZZZ PFFT PFF TH ND RD NTH
    """
)

_CAPITALS = re.compile(r"\b([A-Z]{2,5})(s?)\b")
_FORMULA = re.compile(r"\b(?=[A-Z])(?:[A-Z][a-z]?\d{0,3}){1,20}(?<=[A-Z\d])(?<!\d{4})(s?)\b")
_PART = re.compile(r"[A-Z][a-z]|[A-Z]+(?![a-z])|[A-Z]+?(?=[A-Z][a-z])|\d+")
_ELEMENTS = _names("Na Cl Ca Fe Mg Al Si Cu Zn Li He Ag Au Pb Br Mn Ni Hg Ti Cr Co Ar Ne Sn Ba Be")
_VOWELS = frozenset("AEIOUY")


def spell_acronyms(text: str) -> str:
    """`CO2` as "C O 2", `APIs` as "A P I's"; one space between what is said letter by letter."""
    shouted = not any(map(str.islower, text))
    text = _FORMULA.sub(_formula, text)
    return _CAPITALS.sub(lambda found: _capitals(found, shouted), text)


def _capitals(found: re.Match[str], shouted: bool) -> str:
    name = found[1]
    if not _is_spelled(name) or (shouted and name == "US"):
        return found[0]
    return " ".join(name) + ("'s" if found[2] else "")


def _is_spelled(name: str) -> bool:
    return name in _SPELLED or (name not in _NEVER and _VOWELS.isdisjoint(name))


def _formula(found: re.Match[str]) -> str:
    name = found[0].removesuffix(found[1])
    if not any(map(str.isdigit, name)):
        return found[0]
    parts = _PART.findall(name)
    if any(part.isalpha() and not part.isupper() and part not in _ELEMENTS for part in parts):
        return found[0]
    said = " ".join(" ".join(part) if _by_letters(part) else part for part in parts)
    return said + ("'s" if found[1] else "")


def _by_letters(part: str) -> bool:
    """Short capitals before a number are always letters (`CO2`); longer ones may be words."""
    return part.isupper() and (len(part) <= 2 or _is_spelled(part))
