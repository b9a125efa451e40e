"""How somebody speaks a language that is not the one they were asked for."""

from __future__ import annotations

import logging
from functools import lru_cache

import msgspec

from repartee.conversation.rules import FIXED_LANGUAGE, FIXED_SENTENCES
from repartee.engines.languages import is_auto, primary, same
from repartee.engines.protocols import Speech, Synthesizer, Voice
from repartee.engines.tts.voices import LIKE, is_of, speaks
from repartee.errors import BadInput

log = logging.getLogger(__name__)


def speech_in(tts: Synthesizer, speech: Speech, language: str) -> Speech:
    """The same in this language: by the same speaker, or by one like them who knows it better."""
    if same(language, speech.language):
        return speech
    wished = msgspec.structs.replace(speech, language=language)
    asked = _voice(tts, wished)
    if asked is not None and is_of(asked, language):
        return wished
    if asked is not None:
        alike = msgspec.structs.replace(wished, voice=LIKE[asked.gender])
        if (other := _voice(tts, alike)) is not None and is_of(other, language):
            return alike
    if not speaks(tts, language):
        _tell_once(tts.name, primary(language))
    return own_speech(tts, speech) if asked is None else wished


def own_speech(tts: Synthesizer, speech: Speech) -> Speech:
    """Where no language is named: the one in which this voice speaks anyway."""
    if not is_auto(speech.language):
        return speech
    own = tts.resolve(speech.voice, speech.language)
    return msgspec.structs.replace(speech, language=own.language)


def language_of(sentence: str, otherwise: str) -> str:
    """Our own sentences are English, whatever is spoken."""
    return FIXED_LANGUAGE if sentence in FIXED_SENTENCES else otherwise


def _voice(tts: Synthesizer, speech: Speech) -> Voice | None:
    try:
        return tts.resolve(speech.voice, speech.language)
    except BadInput:
        return None


@lru_cache(maxsize=1_000)
def _tell_once(engine: str, language: str) -> None:
    log.info("The %s engine has no voice of its own for the language “%s”.", engine, language)
