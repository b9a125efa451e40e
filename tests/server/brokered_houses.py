"""Houses whose engines are brokers, before servers of whisper.cpp and Kokoro."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from repartee.audio.wav import Recording
from repartee.engines.build import Engines
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Synthesizer
from repartee.engines.remote.patience import Patience
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ, Tone
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.sound import RATE_HZ, SAMPLES_PER_LETTER
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.brokers import behind
from tests.server.houses import CACHE_BYTES, Cast, Woe

_ONCE = Patience(tries=1)
"""One trouble is one failure."""
_SOON_SECONDS, _USUAL_SECONDS = 0.2, 30.0
_TROUBLES = {
    Woe.TOO_SLOW: Trouble(hang_after=-1),
    Woe.NONSENSE: Trouble(nonsense=True),
    Woe.BREAKS_OFF: Trouble(lose_after=0),
    Woe.BUSY: Trouble(status=503),
    Woe.FAULT: Trouble(status=500),
    Woe.HANGS: Trouble(hang_after=-1),
}


class BrokeredHouses:
    stt, tts, heard_by = "sst-broker", "tts-broker", "whisper.cpp"
    fault_status = 502

    def __init__(self) -> None:
        self._whisper = WhisperCppWire()
        self._ear, self._voice = StandIn(self._whisper), StandIn(KokoroWire())

    @asynccontextmanager
    async def engines(self, cast: Cast) -> AsyncIterator[Engines]:
        self._whisper.text = heard_by_tone(cast.hears) if cast.by_tone else cast.hears[0]
        self._whisper.avg_logprob, self._whisper.no_speech_prob = math.log(cast.sure), 0.0
        async with AsyncExitStack() as ears, AsyncExitStack() as voices:
            await ears.enter_async_context(self._ear)
            await voices.enter_async_context(self._voice)
            async with self._brokers(cast) as (ear, voice):
                engines = _asking(ear, voice, cast)
                await engines.open()
                try:
                    await _befall(ears, self._ear, cast.ear)
                    self._voice.troubles += [Trouble()] * cast.texts_before
                    await _befall(voices, self._voice, cast.voice)
                    yield engines
                finally:
                    await engines.close()

    def seconds(self, text: str) -> float:
        return len(text) * SAMPLES_PER_LETTER / RATE_HZ

    def blames(self, woe: Woe, whom: Literal["ear", "voice"]) -> str:
        """The server that is to blame, which is not the broker."""
        port = (self._ear if whom == "ear" else self._voice).port
        return rf".*\b127\.0\.0\.1:{port}\b.*\."

    async def until_voice_hangs(self) -> None:
        while self._voice.troubles:
            await asyncio.sleep(0.01)

    async def until_voice_is_left(self) -> None:
        await self._voice.until_left()

    @asynccontextmanager
    async def _brokers(self, cast: Cast) -> AsyncIterator[tuple[str, str]]:
        """Their addresses."""
        ear_limit = _SOON_SECONDS if cast.ear is Woe.TOO_SLOW else _USUAL_SECONDS
        voice_limit = _SOON_SECONDS if cast.voice is Woe.TOO_SLOW else _USUAL_SECONDS
        async with (
            behind.served(behind.stt(self._ear.url, sst_request_timeout=ear_limit)) as ear,
            behind.served(behind.tts(self._voice.url, tts_request_timeout=voice_limit)) as voice,
        ):
            yield ear, voice


def _asking(ear: str, voice: str, cast: Cast) -> Engines:
    tts: Synthesizer = TtsBroker(base_url=voice, patience=_ONCE)
    return Engines(
        voice=ScriptedDetector(),
        stt=SstBroker(base_url=ear, patience=_ONCE),
        llm=cast.llm or ScriptedResponder(),
        tts=Cached(tts, CACHE_BYTES) if cast.cached else tts,
    )


async def _befall(running: AsyncExitStack, server: StandIn, woe: Woe | None) -> None:
    if woe is Woe.UNREACHABLE:
        await running.aclose()
    elif woe is not None:
        server.troubles.append(_TROUBLES[woe])


def heard_by_tone(transcripts: Sequence[str]) -> Callable[[Recording], str]:
    def heard(recording: Recording) -> str:
        tone = Tone()
        tone.hear(recording.samples)
        return transcripts[round((tone.hz - FIRST_TONE_HZ) / TONE_STEP_HZ)]

    return heard
