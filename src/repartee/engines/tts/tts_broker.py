"""Speech by a TTS broker, ours or one of the older ones in front of Kokoro.

A text goes out, and all of its sound comes back at once: a WAV file, or raw floats, which is what
older brokers send whatever they are asked for. Who it was that spoke comes with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Literal

import msgspec
import numpy as np
import pybase64

from repartee.audio.pcm import samples_from_float
from repartee.audio.wav import Recording, read_wav
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.address import Address
from repartee.engines.remote.broker import broker_trouble, check_health
from repartee.engines.remote.lookout import Lookout
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import UNREADABLE, NotThere, nonsense
from repartee.engines.tts.incoming import no_sound
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.portions import portions
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import (
    KOKORO_VOICES,
    language_tag,
    language_wanted,
    primary,
)
from repartee.errors import BadAudio, EngineNonsense

BASE_URL = "http://localhost:8080"
SPEEDS = Speeds(fastest=2.0)
LONGEST_PORTION = 500
"""A broker gives out a text whole: the sound of a long one would begin late, and be a lot."""
_VOICES = Request("/voices", method="GET")
_MOST_LIST_BYTES = 1 << 20
_MOST_SOUND_BYTES = 128 << 20
_MOST_STAND_INS = 1_000
_LONGEST_NAME = 100
_LETTERS = {language_tag(letter): letter for letter in "abefhijpz"}
"""How older brokers write languages; ours understands tags, too."""


class Synthesized(msgspec.Struct, frozen=True):
    audio_base64: str
    audio_sample_rate: int = 24_000
    voice_used: str | None = None


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
    speeds = SPEEDS

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        url_setting: str = "TTS_BROKER_URL",
        key: str = "",
        timeout_s: float | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`url_setting` is what the setting is called from which the address came; `timeout_s` is
        how long a text may take, if that is not left to the patience."""
        address = Address(base_url, url_setting=url_setting, key=key, key_setting="TTS_BROKER_KEYS")
        self._service = Service(address, patience.waiting(timeout_s), broker_trouble)
        self._lookout = Lookout("TTS broker", self._look, patience)
        self._voices = KokoroVoices(KOKORO_VOICES, presumed=True)
        self._stand_ins: dict[tuple[str, str], str] = {}
        """Who spoke instead of a voice in a language, by what the broker told."""

    def __repr__(self) -> str:
        return f"<TtsBroker {self._service!r}, {self._voices!r}>"

    @property
    def ready(self) -> bool:
        """Whether it works, and what is behind it, as far as is known."""
        return self._lookout.ready

    async def open(self) -> None:
        await self._service.open()
        await self._lookout.open()

    def voices(self) -> Sequence[Voice]:
        return self._voices.all

    def resolve(self, voice: str, language: str) -> Voice:
        asked = self._voices.find(voice, language)
        speaks = self._stand_ins.get((asked.name, _language_code(asked, language)), asked.name)
        return Voice(speaks, asked.language, asked.gender)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        if not text.strip():
            return
        with self._lookout.watching():
            if not self.ready:
                with suppress(EngineNonsense):
                    await self._learn_voices()
            for portion in portions(text, LONGEST_PORTION):
                yield await self._said(portion, speech)

    async def close(self) -> None:
        await self._lookout.close()
        await self._service.close()

    async def _look(self) -> None:
        await check_health(self._service)
        await self._learn_voices()

    async def _learn_voices(self) -> None:
        try:
            listed = _listed(await self._service.fetch(_VOICES, _MOST_LIST_BYTES))
        except NotThere:  # an older broker has no list, but the voices that everybody knows
            listed = KokoroVoices(KOKORO_VOICES)
        if listed is None:
            raise nonsense(self._service.address)
        if listed.all != self._voices.all:
            self._stand_ins.clear()
        self._voices = listed

    async def _said(self, text: str, speech: Speech) -> Sound:
        voice = self._voices.find(speech.voice, speech.language)
        code = _language_code(voice, speech.language)
        wishes = {
            "text": text,
            "voice": voice.name,
            "lang_code": code,
            "speed": SPEEDS.nearest(speech.speed),
            "format": "wav",
        }
        body = await self._service.fetch(json_request("/synthesize", wishes), _MOST_SOUND_BYTES)
        try:
            sound, voice_used = await asyncio.to_thread(_sound_of, body)
        except (*UNREADABLE, ValueError, BadAudio):
            raise nonsense(self._service.address) from None
        if not len(sound.samples):
            raise no_sound(self._service.address)
        self._note_who_spoke(voice.name, code, voice_used or voice.name)
        return Sound(sound.samples, sound.rate_hz)

    def _note_who_spoke(self, asked: str, code: str, spoke: str) -> None:
        self._stand_ins.pop((asked, code), None)
        if spoke != asked and len(self._stand_ins) < _MOST_STAND_INS:
            self._stand_ins[asked, code] = spoke[:_LONGEST_NAME]


def _listed(body: bytes) -> KokoroVoices | None:
    """The voices on a broker's list, which may be a list of names only; None if there are none."""
    try:
        details = msgspec.json.decode(body, type=_Listed).details
    except UNREADABLE:
        return KokoroVoices.listed(body)
    voices = [Voice(one.name, one.language, one.gender) for one in details]
    return KokoroVoices({voice.name.lower(): voice for voice in voices}) if voices else None


def _language_code(voice: Voice, language: str) -> str:
    tag = language_tag(language_wanted(voice, language))
    of_language = next((letter for known, letter in _LETTERS.items() if primary(known) == tag), tag)
    return _LETTERS.get(tag, of_language)


def _sound_of(body: bytes) -> tuple[Recording, str | None]:
    """The sound of an answer, and who it says has spoken."""
    answer = _SYNTHESIZED.decode(body)
    data = pybase64.b64decode(answer.audio_base64, validate=True)
    if data.startswith(b"RIFF"):
        return read_wav(data), answer.voice_used
    if not 4_000 <= answer.audio_sample_rate <= 192_000:
        raise ValueError("no rate at which sound is made")
    samples = samples_from_float(np.frombuffer(data, "<f4"))
    return Recording(samples, answer.audio_sample_rate), answer.voice_used
