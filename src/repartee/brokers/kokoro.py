"""Kokoro behind a broker: a server of the kind named Kokoro-FastAPI, or one that speaks as we do.

Which of the two it is shows by where it lists its voices, as soon as it can be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from repartee.brokers.upstream import Upstream, patience
from repartee.engines.protocols import Sound, Speech, Synthesizer, Voice
from repartee.engines.remote.request import Request
from repartee.engines.remote.trouble import NotThere
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.voices import KOKORO_VOICES, resolve_among
from repartee.errors import EngineError

_ITS_LIST = Request("/v1/audio/voices", method="GET")
_MOST_LIST_BYTES = 1 << 20


class Kokoro:
    name = "kokoro"
    ascii_only = False

    def __init__(self, upstream: Upstream, timeout_s: float) -> None:
        self._upstream = upstream
        self._patience = patience(timeout_s)
        self._engine: Synthesizer | None = None
        self._finding = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Kokoro as {self._engine!r}>"

    async def open(self) -> None:
        """The server behind it may come later."""

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def ready(self) -> None:
        """Know the server and its voices; an error if it can't be asked."""
        async with self._finding:
            if self._engine is None:
                engine = await self._engine_for_it()
                await engine.open()
                self._engine = engine

    def voices(self) -> Sequence[Voice]:
        return self._engine.voices() if self._engine else tuple(KOKORO_VOICES.values())

    def resolve(self, voice: str, language: str) -> Voice:
        if self._engine is not None:
            return self._engine.resolve(voice, language)
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        await self.ready()
        assert self._engine is not None, "it is ready"
        try:
            async with aclosing(self._engine.synthesize(text, speech)) as sounds:
                async for sound in sounds:
                    yield sound
        except EngineError as failure:
            if isinstance(failure, NotThere):
                await self.close()  # it has become another kind of server
            raise await self._upstream.explained(failure) from None

    async def _engine_for_it(self) -> Synthesizer:
        kind: type[KokoroServer | TtsBroker] = KokoroServer
        try:
            await self._upstream.fetch(_ITS_LIST, _MOST_LIST_BYTES)
        except NotThere:
            kind = TtsBroker
        return kind(
            base_url=self._upstream.base_url,
            url_setting=self._upstream.address.url_setting,
            patience=self._patience,
        )
