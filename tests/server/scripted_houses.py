"""Houses whose engines are scripted and work in the server's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Literal

from repartee.engines.build import Engines
from repartee.engines.protocols import Recognizer, Sound, Speech, Synthesizer
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineBusy, EngineNonsense, EngineTimeout, EngineUnreachable
from tests.calls.fakes import Trouble, TroubledRecognizer, hangs, raises
from tests.calls.line import scripted
from tests.server.houses import CACHE_BYTES, Cast, Woe

_LETTER_SECONDS = 0.06


class ScriptedHouses:
    stt = tts = heard_by = "scripted"
    fault_status = 500

    def __init__(self) -> None:
        self._hanging, self._left = asyncio.Event(), asyncio.Event()
        self._troubles: Mapping[Woe, Trouble] = {
            Woe.UNREACHABLE: raises(EngineUnreachable("The engine can't be reached.")),
            Woe.TOO_SLOW: raises(EngineTimeout("The engine took too long.")),
            Woe.NONSENSE: raises(EngineNonsense("The engine answered nonsense.")),
            Woe.BREAKS_OFF: raises(EngineNonsense("The engine broke off.")),
            Woe.BUSY: raises(EngineBusy("The engine has too much to do.")),
            Woe.FAULT: raises(ValueError("/secret/path")),
            Woe.HANGS: self._hang,
        }

    @asynccontextmanager
    async def engines(self, cast: Cast) -> AsyncIterator[Engines]:
        stt: Recognizer = ScriptedRecognizer(
            transcripts=cast.hears, confidence=cast.sure, by_tone=cast.by_tone
        )
        if cast.ear is not None:
            stt = TroubledRecognizer("settling", self._troubles[cast.ear], *cast.hears)
        tts: Synthesizer = ScriptedSynthesizer(letter_ms=_LETTER_SECONDS * 1000)
        if cast.voice is not None:
            tts = _VoiceInTrouble(self._troubles[cast.voice], cast.texts_before)
        yield scripted(stt=stt, llm=cast.llm, tts=Cached(tts, CACHE_BYTES) if cast.cached else tts)

    def seconds(self, text: str) -> float:
        return len("".join(text.split())) * _LETTER_SECONDS

    def blames(self, woe: Woe, whom: Literal["ear", "voice"]) -> str:
        return {
            Woe.UNREACHABLE: r"The engine can't be reached\.",
            Woe.TOO_SLOW: r"The engine took too long\.",
            Woe.NONSENSE: r"The engine answered nonsense\.",
            Woe.BREAKS_OFF: r"The engine broke off\.",
            Woe.BUSY: r"The engine has too much to do\.",
            Woe.FAULT: r".*(went wrong|could not be done|recogniser failed).*\.",
        }[woe]

    async def until_voice_hangs(self) -> None:
        await self._hanging.wait()

    async def until_voice_is_left(self) -> None:
        await self._left.wait()

    async def _hang(self) -> None:
        self._hanging.set()
        try:
            await hangs()
        finally:
            self._left.set()


class _VoiceInTrouble(ScriptedSynthesizer):
    def __init__(self, trouble: Trouble, texts_before: int) -> None:
        super().__init__(letter_ms=_LETTER_SECONDS * 1000)
        self._trouble = trouble
        self._texts_before = texts_before

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self._texts_before -= 1
        if self._texts_before == -1:
            await self._trouble()
        async with aclosing(super().synthesize(text, speech)) as pieces:
            async for piece in pieces:
                yield piece
