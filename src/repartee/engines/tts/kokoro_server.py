"""Kokoro's voices from a server of the kind named Kokoro-FastAPI.

Its sound is streamed, and comes with the time at which each word begins. A server without such
captions is asked for sound alone from then on.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

import msgspec
import pybase64

from repartee.audio.pcm import PcmReader
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.address import Address
from repartee.engines.remote.lines import lines
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Answer, Service
from repartee.engines.remote.trouble import NotThere, nonsense
from repartee.engines.tts.captions import Caption, CaptionReader
from repartee.engines.tts.incoming import incoming_sound, no_sound
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.voices import KOKORO_VOICES
from repartee.errors import EngineError

log = logging.getLogger(__name__)

BASE_URL = "http://127.0.0.1:8880"
RATE_HZ = 24_000
SLOWEST, FASTEST = 0.25, 4.0
_MOST_LIST_BYTES = 1 << 20


class Captioned(msgspec.Struct, frozen=True):
    audio: str
    timestamps: tuple[Caption, ...] | None = None


_CAPTIONED = msgspec.json.Decoder(Captioned)


class KokoroServer:
    name = "kokoro-server"
    ascii_only = False

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        url_setting: str = "REMOTE_TTS_URL",
        patience: Patience = USUAL,
    ) -> None:
        """`url_setting` is what the setting is called from which the address came."""
        address = Address(
            base_url.strip().rstrip("/").removesuffix("/v1"),
            url_setting=url_setting,
        )
        self._service = Service(address, patience)
        self._voices = KokoroVoices(KOKORO_VOICES)
        self._has_captions = True

    def __repr__(self) -> str:
        return f"<KokoroServer {self._service!r}, {self._voices!r}>"

    async def open(self) -> None:
        await self._service.open()
        try:
            body = await self._service.fetch(
                Request("/v1/audio/voices", method="GET"), _MOST_LIST_BYTES
            )
            self._voices = KokoroVoices.listed(body) or self._voices
        except EngineError as failure:
            log.warning("The voices of the Kokoro server are not known. %s", failure)

    def voices(self) -> Sequence[Voice]:
        return self._voices.all

    def resolve(self, voice: str, language: str) -> Voice:
        return self._voices.find(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        if not text.strip():
            return
        voice = self.resolve(speech.voice, speech.language)
        wishes = {
            "model": "kokoro",
            "input": text,
            "voice": voice.name,
            "speed": min(max(speech.speed, SLOWEST), FASTEST),
            "lang_code": self._voices.letter(voice, speech.language),
            "response_format": "pcm",
            "stream": True,
        }
        async with aclosing(self._spoken(text, wishes)) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        await self._service.close()

    async def _spoken(self, text: str, wishes: dict[str, Any]) -> AsyncGenerator[Sound]:
        if self._has_captions:
            request = json_request("/dev/captioned_speech", {**wishes, "return_timestamps": True})
            try:
                async with aclosing(
                    self._service.ask(request, partial(_captioned, text))
                ) as sounds:
                    async for sound in sounds:
                        yield sound
                return
            except NotThere:
                self._has_captions = False
        request = json_request("/v1/audio/speech", wishes)
        read = partial(incoming_sound, rate_hz=RATE_HZ)
        async with aclosing(self._service.ask(request, read)) as sounds:
            async for sound in sounds:
                yield sound


async def _captioned(text: str, answer: Answer) -> AsyncGenerator[Sound]:
    reader, captions, told = PcmReader(), CaptionReader(text), 0
    async with aclosing(lines(answer)) as stream:
        async for line in stream:
            try:
                piece = _CAPTIONED.decode(line)
                samples = reader.take(pybase64.b64decode(piece.audio, validate=True))
            except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
                raise nonsense(answer.address) from None
            told += len(samples)
            words = captions.words(piece.timestamps or (), told * 1000 / RATE_HZ)
            if len(samples):
                yield Sound(samples, RATE_HZ, tuple(words))
    if not told:
        raise no_sound(answer.address)
