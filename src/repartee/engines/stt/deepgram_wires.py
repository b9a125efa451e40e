"""The two languages in which Deepgram recognises speech, Nova's and Flux's, as one.

Both tell pieces of a transcript with their places in the stream. A piece that isn't final is
replaced by the next; final pieces follow one another. Places are counted in samples sent on the
connection. Messages of types that aren't known here are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Protocol

import msgspec

from repartee.engines.languages import is_auto
from repartee.engines.live_service import LiveService, Query
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.errors import EngineFailed

SEVERAL = "multi"
"""Instead of a language: any of those that the model knows, and the answer tells which."""
_EAGER = 0.5
"""What Flux itself takes for a turn that may well be over."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class Word(msgspec.Struct, frozen=True):
    word: str
    start: Seconds = 0.0
    confidence: float = 0.0
    punctuated_word: str = ""


class Piece(msgspec.Struct, frozen=True):
    """What was heard from `start` to `end`. `asked`: it is final because that was asked for."""

    text: str
    confidence: float
    start: int
    end: int
    final: bool
    asked: bool
    words: tuple[Word, ...]
    finished: float | None = None
    """How sure it is that the speaker has finished; None if it doesn't say."""
    language: str | None = None
    """The one of most of it, from a model that hears several."""

    def moved(self, samples: int) -> Piece:
        """The same piece, counted from another place."""
        return msgspec.structs.replace(self, start=self.start - samples, end=self.end - samples)

    def since(self, place: int) -> Piece:
        """Of this piece only the words that begin at this place of the stream or later."""
        words = tuple(word for word in self.words if _samples(word.start) >= place)
        text = " ".join(word.punctuated_word or word.word for word in words)
        return msgspec.structs.replace(
            self, text=text, confidence=_mean_confidence(words), start=place, words=words
        )


class Wire(Protocol):
    path: str
    settle: str
    """What asks for everything said so far to be final."""
    keep_alive_s: float
    least_samples: int
    """Less sound than this is not worth a message."""
    keeps: bool
    """A connection may be kept from one turn to the next."""

    @property
    def keep_alive(self) -> str | bytes: ...
    def query(self, language: str) -> Query: ...
    def read(self, message: str | bytes, service: LiveService) -> Piece | None:
        """The piece in this message, if there is one."""


class Nova:
    path = "/v1/listen"
    settle = '{"type":"Finalize"}'
    keep_alive = '{"type":"KeepAlive"}'
    keep_alive_s = 4.0  # after ten seconds without a word it hangs up
    least_samples = 1
    keeps = True

    def __init__(self, model: str) -> None:
        self._model = model

    def query(self, language: str) -> Query:
        return (
            ("model", self._model),
            ("language", language),
            ("encoding", "linear16"),
            ("sample_rate", str(LISTENING_RATE_HZ)),
            ("channels", "1"),
            ("interim_results", "true"),
            ("punctuate", "true"),
            ("endpointing", "300"),
        )

    def read(self, message: str | bytes, service: LiveService) -> Piece | None:
        match service.read(message, _Kind).type:
            case "Results":
                results = service.read(message, _Results)
            case "Error":
                raise _refused(message, service)
            case _:
                return None
        heard = results.channel.alternatives[0]
        return Piece(
            text=heard.transcript.strip(),
            confidence=_within_one(heard.confidence),
            start=_samples(results.start),
            end=_samples(results.start + results.duration),
            final=results.is_final,
            asked=results.from_finalize,
            words=heard.words,
            language=_most_of_it(heard.languages),
        )


class Flux:
    """Judges by itself when a turn ends. Here that is done by others, so it is told to wait."""

    path = "/v2/listen"
    settle = '{"type":"ForceEndTurn"}'
    keep_alive = bytes(LISTENING_RATE_HZ // 5)  # it knows nothing but sound: a little silence
    keep_alive_s = 1.0
    least_samples = 8 * LISTENING_RATE_HZ // 100
    keeps = False  # it would have to be sent silence all the time

    def __init__(self, model: str, *, hints: bool) -> None:
        """`hints`: the model knows several languages and likes to be told which."""
        self._model = model
        self._hints = hints

    def query(self, language: str) -> Query:
        hints = (("language_hint", language),) if self._hints and language != SEVERAL else ()
        return (
            ("model", self._model),
            ("encoding", "linear16"),
            ("sample_rate", str(LISTENING_RATE_HZ)),
            ("eot_threshold", "1.0"),
            ("eot_timeout_ms", "60000"),
            *hints,
        )

    def read(self, message: str | bytes, service: LiveService) -> Piece | None:
        match service.read(message, _Kind).type:
            case "TurnInfo":
                turn = service.read(message, _TurnInfo)
            case "Error":
                raise _refused(message, service)
            case _:
                return None
        return Piece(
            text=turn.transcript.strip(),
            confidence=_mean_confidence(turn.words),
            start=_samples(turn.audio_window_start),
            end=_samples(turn.audio_window_end),
            final=turn.event == "EndOfTurn",
            asked=turn.trigger == "manual",
            words=turn.words,
            finished=_finished(turn.end_of_turn_confidence),
            language=_most_of_it(turn.languages),
        )


class _Kind(msgspec.Struct):
    type: str


class _Alternative(msgspec.Struct):
    transcript: str
    confidence: float = 0.0
    words: tuple[Word, ...] = ()
    languages: tuple[str, ...] | None = None


class _Channel(msgspec.Struct):
    alternatives: Annotated[tuple[_Alternative, ...], msgspec.Meta(min_length=1)]


class _Results(msgspec.Struct):
    start: Seconds
    duration: Seconds
    channel: _Channel
    is_final: bool = False
    from_finalize: bool = False


class _TurnInfo(msgspec.Struct):
    event: str
    audio_window_start: Seconds
    audio_window_end: Seconds
    transcript: str = ""
    words: tuple[Word, ...] = ()
    languages: tuple[str, ...] | None = None
    trigger: str = ""
    end_of_turn_confidence: float = 0.0


class _Error(msgspec.Struct):
    code: str = ""
    description: str = ""


def _refused(message: str | bytes, service: LiveService) -> EngineFailed:
    error = service.read(message, _Error)
    return service.trouble(error.code or error.description)


def spelled(language: str) -> str:
    """A language as Deepgram writes it: `en-US`, whether `en_us` or `EN-us` was asked for."""
    if is_auto(language):
        return SEVERAL
    primary, _, region = language.strip().replace("_", "-").partition("-")
    return f"{primary.lower()}-{region.upper()}" if region else primary.lower()


def _most_of_it(languages: Sequence[str] | None) -> str | None:
    """The first of them is that of most words."""
    return languages[0] if languages and _LANGUAGE.fullmatch(languages[0]) else None


def _samples(seconds: float) -> int:
    return round(seconds * LISTENING_RATE_HZ)


def _within_one(confidence: float) -> float:
    return min(max(confidence, 0.0), 1.0)


def _finished(confidence: float) -> float | None:
    """It is asked as soon as a pause begins; that it is unsure then only means that it is early."""
    return _within_one(confidence) if confidence >= _EAGER else None


def _mean_confidence(words: Sequence[Word]) -> float:
    return _within_one(sum(word.confidence for word in words) / len(words)) if words else 0.0
