"""Work that needs no call: one recording written down, one text spoken.

Each takes the engine it needs, open, and nothing else; nothing of one caller is kept for the next.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from anyio.lowlevel import checkpoint

from repartee.calls.passages import passages
from repartee.calls.speech_in import own_speech
from repartee.engines.languages import AUTO, is_auto, knows, to_listen_for
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Recognizer,
    Samples,
    Sound,
    Speech,
    Synthesizer,
    Transcript,
    Voice,
    VoiceDetector,
)
from repartee.engines.stt.notes import said_in
from repartee.engines.tts.voices import language_tag
from repartee.engines.tts.whole import whole_sound
from repartee.errors import BadInput
from repartee.speaking.sanitize import sanitize

_LONG_CHARS = 1_000


class Transcription(msgspec.Struct, frozen=True):
    text: str
    language: str
    confidence: float
    """0..1; 0 for an empty text."""
    duration_seconds: float
    model: str


class Spoken(msgspec.Struct, frozen=True):
    sound: Sound
    voice: Voice
    """Who speaks: not always who was asked for."""

    @property
    def seconds(self) -> float:
        return len(self.sound.samples) / self.sound.rate_hz


class NothingToSpeak(BadInput):
    code = "nothing_to_speak"

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to speak in this text.",
            hint="It needs some words beside markup, code and symbols.",
        )


async def transcribe(
    detector: VoiceDetector,
    stt: Recognizer,
    samples: Samples,
    language: str,
    usual: str = "",
    between: Callable[[], Awaitable[None]] = checkpoint,
) -> Transcription:
    """What is said in this sound of 16 kHz; "" if nobody says a word.

    Where the language is `auto` and the recogniser can't find it out, it hears the usual one.
    `between` is what is waited for between one passage and the next.
    """
    check_language(stt, language)
    asked = to_listen_for(stt, language, usual)
    caller = Caller(str(uuid.uuid4()), patient=True)
    heard: list[Transcript] = []
    for passage in await passages(detector, samples):
        if heard:
            await between()
        heard.append(await hear(stt, caller, passage, asked))
    said = [transcript for transcript in heard if transcript.text]
    return Transcription(
        text=" ".join(transcript.text for transcript in said),
        language=_language_of_most(said, usual) if is_auto(asked) else asked,
        confidence=_overall_confidence(said),
        duration_seconds=len(samples) / LISTENING_RATE_HZ,
        model=model_of(stt),
    )


async def hear(stt: Recognizer, caller: Caller, passage: Samples, language: str) -> Transcript:
    """One passage, without what recognisers write where nobody said a word."""
    async with stt.listen(caller, language) as hearing:
        hearing.feed(passage)
        transcript = await hearing.settle()
    return msgspec.structs.replace(transcript, text=said_in(transcript.text))


class Line(msgspec.Struct, frozen=True):
    """Words as an engine is to say them, and how."""

    words: str
    speech: Speech


async def line_of(tts: Synthesizer, text: str, speech: Speech) -> Line:
    """What is to be said of this text; refused if it can't be, or not by this voice."""
    tts.resolve(speech.voice, speech.language)
    speech = own_speech(tts, speech)
    return Line(await _speakable(tts, text, speech), speech)


async def speak(tts: Synthesizer, line: Line) -> Spoken:
    """All of it, in one piece."""
    sound = await whole_sound(tts, line.words, line.speech)
    # Asked only now: some services tell with the sound who it is that speaks.
    return Spoken(sound, tts.resolve(line.speech.voice, line.speech.language))


async def synthesize(tts: Synthesizer, text: str, speech: Speech) -> Spoken:
    return await speak(tts, await line_of(tts, text, speech))


async def _speakable(tts: Synthesizer, text: str, speech: Speech) -> str:
    """The words of this text as the engine is to say them; `NothingToSpeak` if there are none."""
    make_speakable = partial(
        sanitize, text, ascii_only=tts.ascii_only, language=language_tag(speech.language)
    )
    # A long text takes some 20 ms, and a thread takes longer to begin than a short one.
    is_long = len(text) > _LONG_CHARS
    words = await asyncio.to_thread(make_speakable) if is_long else make_speakable()
    if not any(map(str.isalnum, words)):
        raise NothingToSpeak
    return words


def model_of(stt: Recognizer) -> str:
    """What really hears: behind a broker that is not the engine that we know."""
    return str(getattr(stt, "model", "") or stt.name)


def check_language(stt: Recognizer, language: str) -> None:
    """`BadInput` for a language that this recogniser does not know. It may be left to it."""
    known = stt.languages
    if is_auto(language) or knows(known, language):
        return
    some = ", ".join(sorted(known)[:12])
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    raise BadInput(
        f"The {stt.name} engine does not understand the language {language[:40]!r}.",
        hint=f"It understands {some}{more}.",
    )


def _overall_confidence(said: list[Transcript]) -> float:
    """Every word counts the same."""
    words = [len(transcript.text.split()) for transcript in said]
    sure = sum(n * transcript.confidence for n, transcript in zip(words, said, strict=True))
    return sure / sum(words) if said else 0.0


def _language_of_most(said: list[Transcript], usual: str) -> str:
    """The one in which most was said; the usual one if the recogniser could not tell."""
    letters: Counter[str] = Counter()
    for transcript in said:
        if transcript.language:
            letters[transcript.language] += len(transcript.text)
    return max(letters, key=letters.__getitem__, default=usual or AUTO)
