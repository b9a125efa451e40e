"""Kokoro's voices from a server of the kind named Kokoro-FastAPI.

Its sound is streamed, and comes with the time at which each word begins. A server without such
captions is asked for sound alone from then on. When one that was away is back, it may be another
build with other voices: what is known of it is found out anew.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from functools import partial

import msgspec
import pybase64

from repartee.audio.pcm import PcmReader
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.address import Address
from repartee.engines.remote.lines import lines
from repartee.engines.remote.lookout import Lookout
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Answer, Service
from repartee.engines.remote.trouble import UNREADABLE, NotThere, nonsense
from repartee.engines.tts.captions import Caption, CaptionReader
from repartee.engines.tts.incoming import incoming_sound, no_sound
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import KOKORO_VOICES
from repartee.errors import EngineNonsense

BASE_URL = "http://localhost:8081"
RATE_HZ = 24_000
SPEEDS = Speeds(0.25, 4.0)
_VOICES = Request("/v1/audio/voices", method="GET")
_MOST_LIST_BYTES = 1 << 20


class Captioned(msgspec.Struct, frozen=True):
    audio: str
    timestamps: tuple[Caption, ...] | None = None


_CAPTIONED = msgspec.json.Decoder(Captioned)


class KokoroServer:
    name = "kokoro-server"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        url_setting: str = "REMOTE_TTS_URL",
        timeout_s: float | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`url_setting` is what the setting is called from which the address came; `timeout_s` is
        how long a text may take, if that is not left to the patience."""
        address = Address(
            base_url.strip().rstrip("/").removesuffix("/v1"),
            url_setting=url_setting,
        )
        self._service = Service(address, patience.waiting(timeout_s))
        self._lookout = Lookout(f"{self.name} engine", self._look, patience)
        self._voices = KokoroVoices(KOKORO_VOICES, presumed=True)
        self._has_captions = True

    def __repr__(self) -> str:
        return f"<KokoroServer {self._service!r}, {self._voices!r}>"

    @property
    def ready(self) -> bool:
        """Whether its server works, as far as is known."""
        return self._lookout.ready

    async def open(self) -> None:
        await self._service.open()
        await self._lookout.open()

    def voices(self) -> Sequence[Voice]:
        return self._voices.all

    def resolve(self, voice: str, language: str) -> Voice:
        return self._voices.find(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        if not text.strip():
            return
        with self._lookout.watching():
            if not self.ready:
                with suppress(EngineNonsense):
                    await self._learn_voices()
            async with aclosing(self._said(text, speech)) as sounds:
                async for sound in sounds:
                    yield sound

    async def close(self) -> None:
        await self._lookout.close()
        await self._service.close()

    async def _look(self) -> None:
        await self._learn_voices()
        if not self.ready:
            self._has_captions = True  # unless it says otherwise again

    async def _learn_voices(self) -> None:
        try:
            listed = KokoroVoices.listed(await self._service.fetch(_VOICES, _MOST_LIST_BYTES))
        except NotThere:  # it has no list, but the voices that everybody knows
            listed = KokoroVoices(KOKORO_VOICES)
        if listed is None:
            raise nonsense(self._service.address)
        self._voices = listed

    async def _said(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        wishes = {
            "model": "kokoro",
            "input": text,
            "voice": voice.name,
            "speed": SPEEDS.nearest(speech.speed),
            "lang_code": self._voices.letter(voice, speech.language),
            "response_format": "pcm",
            "stream": True,
        }
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
            except (*UNREADABLE, ValueError):
                raise nonsense(answer.address) from None
            told += len(samples)
            words = captions.words(piece.timestamps or (), told * 1000 / RATE_HZ)
            if len(samples):
                yield Sound(samples, RATE_HZ, tuple(words))
    if not told:
        raise no_sound(answer.address)
