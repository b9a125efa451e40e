"""Kokoro behind a broker: a server of the kind named Kokoro-FastAPI, or one that speaks as we do.

Which of the two it is shows when it is first asked for speech.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from repartee.brokers.upstream import patience
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.engines.remote.trouble import NotThere
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.tts_broker import TtsBroker


class Kokoro:
    name = "kokoro"
    ascii_only = False

    def __init__(self, url: str, timeout_s: float) -> None:
        waits = patience(timeout_s)
        self._kinds: list[Synthesizer] = [
            KokoroServer(base_url=url, url_setting="REMOTE_TTS_URL", patience=waits),
            TtsBroker(base_url=url, url_setting="REMOTE_TTS_URL", patience=waits),
        ]

    def __repr__(self) -> str:
        return f"<Kokoro as {self._kinds[0]!r}>"

    async def open(self) -> None:
        for kind in self._kinds:
            await kind.open()

    def voices(self) -> Sequence[Voice]:
        return self._kinds[0].voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return self._kinds[0].resolve(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        try:
            async with aclosing(self._kinds[0].synthesize(text, speech)) as sounds:
                async for sound in sounds:
                    yield sound
            return
        except NotThere:
            if len(self._kinds) == 1:
                raise
        await self._kinds.pop(0).close()
        async with aclosing(self._kinds[0].synthesize(text, speech)) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        for kind in self._kinds:
            await kind.close()
