"""Speech by a TTS broker, ours or one of the older ones in front of Kokoro.

A text goes out, and all of its sound comes back at once: a WAV file, or raw floats, which is what
older brokers send whatever they are asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

import msgspec
import numpy as np
import pybase64

from repartee.audio.pcm import samples_from_float
from repartee.audio.wav import Recording, read_wav
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import nonsense
from repartee.engines.tts.incoming import no_sound
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.voices import (
    KOKORO_VOICES,
    language_tag,
    language_wanted,
    primary,
    resolve_among,
)
from repartee.errors import BadAudio, EngineError, EngineNonsense

log = logging.getLogger(__name__)

BASE_URL = "http://127.0.0.1:8080"
FASTEST = 2.0
_MOST_LIST_BYTES = 1 << 20
_MOST_SOUND_BYTES = 128 << 20
_LETTERS = {language_tag(letter): letter for letter in "abefhijpz"}
"""How older brokers write languages; ours understands tags, too."""


class Synthesized(msgspec.Struct, frozen=True):
    audio_base64: str
    audio_sample_rate: int = 24_000


class _Details(msgspec.Struct, frozen=True):
    name: str
    language: str
    gender: Literal["female", "male", "neutral"] = "neutral"


class _Listed(msgspec.Struct, frozen=True):
    """Our brokers say more of their voices than their names."""

    details: tuple[_Details, ...]


_SYNTHESIZED = msgspec.json.Decoder(Synthesized)


class TtsBroker:
    name = "tts-broker"
    ascii_only = False

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        url_setting: str = "TTS_BROKER_URL",
        patience: Patience = USUAL,
    ) -> None:
        """`url_setting` is what the setting is called from which the address came."""
        self._service = Service(Address(base_url, url_setting=url_setting), patience)
        self._voices: Sequence[Voice] = tuple(KOKORO_VOICES.values())
        self._knows_voices = False

    def __repr__(self) -> str:
        return f"<TtsBroker {self._service!r}, {len(self._voices)} voices>"

    async def open(self) -> None:
        await self._service.open()
        try:
            await self._learn_voices()
        except EngineError as failure:
            log.warning("The voices of the TTS broker are not known yet. %s", failure)

    def voices(self) -> Sequence[Voice]:
        return self._voices

    def resolve(self, voice: str, language: str) -> Voice:
        return resolve_among(self._voices, voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        if not text.strip():
            return
        if not self._knows_voices:
            await self._learn_voices()  # it was down, or still is: then this text fails, too
        voice = self.resolve(speech.voice, speech.language)
        wishes = {
            "text": text,
            "voice": voice.name,
            "lang_code": _language_code(voice, speech.language),
            "speed": min(speech.speed, FASTEST),
            "format": "wav",
        }
        body = await self._service.fetch(json_request("/synthesize", wishes), _MOST_SOUND_BYTES)
        try:
            sound = await asyncio.to_thread(_sound_of, body)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, BadAudio):
            raise nonsense(self._service.address) from None
        if not len(sound.samples):
            raise no_sound(self._service.address)
        yield Sound(sound.samples, sound.rate_hz)

    async def close(self) -> None:
        await self._service.close()

    async def _learn_voices(self) -> None:
        try:
            body = await self._service.fetch(Request("/voices", method="GET"), _MOST_LIST_BYTES)
            self._voices = _listed(body) or self._voices
        except EngineNonsense:
            pass  # an older broker has no list, but the voices that everybody knows
        self._knows_voices = True


def _listed(body: bytes) -> Sequence[Voice]:
    """The voices on a broker's list, which may be a list of names only."""
    try:
        details = msgspec.json.decode(body, type=_Listed).details
    except (msgspec.MsgspecError, UnicodeDecodeError):
        named = KokoroVoices.listed(body)
        return named.all if named is not None else ()
    return tuple(Voice(one.name, one.language, one.gender) for one in details)


def _language_code(voice: Voice, language: str) -> str:
    tag = language_tag(language_wanted(voice, language))
    of_language = next((letter for known, letter in _LETTERS.items() if primary(known) == tag), tag)
    return _LETTERS.get(tag, of_language)


def _sound_of(body: bytes) -> Recording:
    answer = _SYNTHESIZED.decode(body)
    data = pybase64.b64decode(answer.audio_base64, validate=True)
    if data.startswith(b"RIFF"):
        return read_wav(data)
    if not 4_000 <= answer.audio_sample_rate <= 192_000:
        raise ValueError("no rate at which sound is made")
    return Recording(samples_from_float(np.frombuffer(data, "<f4")), answer.audio_sample_rate)
