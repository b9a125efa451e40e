"""What recognisers make up where nobody spoke, in words: the ends of videos, and loops.

Models that learned from subtitles write the end of a video into silence; and every model that
writes word by word may get caught in a loop. Both look like speech, and nobody said them.
"""

from __future__ import annotations

import re

import msgspec

from repartee.engines.protocols import Transcript
from repartee.engines.stt.notes import said_in

_END_OF_A_VIDEO = re.compile(
    r"(?:"
    r"(?:thanks|thank you)(?: (?:so|very) much)? for watching.*"
    r"|(?:please )?(?:like and )?subscribe(?: to (?:my|our|the) channel)?"
    r"|(?:i'?ll )?see you (?:guys )?in the next (?:video|one)"
    r"|(?:sub(?:title|bed|s)?|caption|transcri(?:bed|ption))\w* by .*"
    r"|untertitel\w* .*(?:amara|zdf|swr|ard|funk).*"
    r"|sous-titr\w* (?:réalis|par|fait).*"
    r"|subtítulos (?:realizados )?por .*"
    r"|sottotitoli .*amara.*"
    r"|ご視聴ありがとうございました"
    r"|字幕.*(?:提供|志愿者).*"
    r")[\s.!?…。！]*",
    re.IGNORECASE,
)
_FEWEST_ROUNDS = 8
"""People say "no" five times in a row; a loop goes on until the model runs out of room."""
_LOOP = re.compile(rf"([^\W\d_].{{0,60}}?)(?:[\W_]*\1){{{_FEWEST_ROUNDS - 1},}}", re.IGNORECASE)
_MOST_OF_IT = 0.6
_LONGEST_CHECKED = 4_000


def heard_in(text: str) -> str:
    """The words that somebody said; empty if nobody did."""
    words = said_in(text)
    return "" if _END_OF_A_VIDEO.fullmatch(words) or goes_in_circles(words) else words


def goes_in_circles(text: str) -> bool:
    """Whether most of it is the same few words over and over."""
    beginning = text[:_LONGEST_CHECKED]
    looped = sum(len(loop[0]) for loop in _LOOP.finditer(beginning))
    return looped > _MOST_OF_IT * len(beginning)


def plausible(transcript: Transcript) -> Transcript:
    """The transcript, or an empty one if nobody can have said it."""
    text = heard_in(transcript.text)
    return msgspec.structs.replace(transcript, text=text) if text else Transcript("", 0.0)
