"""The answers of Whisper's many servers: a text, and how sure the model was of it.

The model tells the mean logarithm of its tokens' probabilities, of which the exponential is what
it believes the chance of a token to be; and the chance that nobody spoke. What it invents from
noise gives itself away by the second, and by going round in circles, which compresses too well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Any

import msgspec

from repartee.engines.protocols import Transcript
from repartee.engines.remote.address import Address
from repartee.engines.remote.trouble import UNREADABLE, nonsense
from repartee.engines.stt.notes import said_in
from repartee.engines.stt.whisper_languages import LANGUAGES as LANGUAGES
from repartee.engines.stt.whisper_languages import language_code as language_code
from repartee.engines.stt.whisper_languages import language_told

UNMEASURED = 0.8
"""The chance that a text is mostly right if its server says nothing about it: what these models
reach on the speech of calls."""
NOBODY_SPOKE = 0.6
UNSURE_LOGPROB = -1.0
CIRCLES_COMPRESSION = 2.4
CIRCLES_CONFIDENCE = 0.1
MOST_BYTES = 4 << 20


class Segment(msgspec.Struct, frozen=True):
    text: str = ""
    avg_logprob: float | None = None
    no_speech_prob: float = 0.0
    compression_ratio: float = 0.0


class Token(msgspec.Struct, frozen=True):
    logprob: float


class WhisperAnswer(msgspec.Struct, frozen=True):
    text: str
    segments: tuple[Segment, ...] | None = None
    logprobs: tuple[Token, ...] | None = None
    language: Any = None
    """Its name or its code, from those that tell."""


_ANSWER = msgspec.json.Decoder(WhisperAnswer)


def transcript_of(body: bytes, address: Address) -> Transcript:
    """What was said, as the service at this address answers."""
    try:
        answer = _ANSWER.decode(body)
    except UNREADABLE:
        raise nonsense(address) from None
    language = language_told(answer.language)
    if answer.segments:
        return transcript_of_segments(answer.segments, language)
    text = said_in(answer.text)
    if not text:
        return Transcript("", 0.0)
    sure = UNMEASURED
    if answer.logprobs:
        sure = _chance(sum(token.logprob for token in answer.logprobs) / len(answer.logprobs))
    return Transcript(text, sure, language=language)


def transcript_of_segments(segments: Sequence[Segment], language: str | None = None) -> Transcript:
    """What was said in those in which somebody spoke; each counts by its letters."""
    spoken = [segment for segment in segments if not _is_silence(segment)]
    text = said_in("".join(segment.text for segment in spoken))
    if not text:
        return Transcript("", 0.0)
    letters = [len(said_in(segment.text)) for segment in spoken]
    sure = sum(map(mul, letters, map(_confidence, spoken))) / sum(letters)
    return Transcript(text, sure, language=language)


def _is_silence(segment: Segment) -> bool:
    """Whisper's own rule: nobody spoke, and the words were guessed."""
    unsure = segment.avg_logprob is None or segment.avg_logprob < UNSURE_LOGPROB
    return segment.no_speech_prob > NOBODY_SPOKE and unsure


def _confidence(segment: Segment) -> float:
    if segment.compression_ratio > CIRCLES_COMPRESSION:
        return CIRCLES_CONFIDENCE
    sure = UNMEASURED if segment.avg_logprob is None else _chance(segment.avg_logprob)
    return sure * (1 - min(max(segment.no_speech_prob, 0.0), 1.0))


def _chance(logprob: float) -> float:
    return math.exp(min(logprob, 0.0))
