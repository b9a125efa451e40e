"""One-shot work for whoever asks, beside the calls: within bounds, and never in their way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from itertools import count
from typing import Any

import msgspec
import numpy as np

from repartee.calls.desk import Desk
from repartee.calls.shares import Shares
from repartee.calls.single import (
    Line,
    Spoken,
    Transcription,
    check_language,
    hear,
    line_of,
    speak,
    synthesize,
    transcribe,
)
from repartee.engines.build import Engines
from repartee.engines.languages import to_listen_for
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Samples, Sound, Speech
from repartee.errors import EngineFailed

MOST_STREAMS = 64
"""Texts that are being streamed at a time: each waits for its client, who may be slow."""
_STREAMED_SECONDS = 10.0
"""So nobody knows when one has come to its end."""
_A_LITTLE_SILENCE = np.zeros(LISTENING_RATE_HZ // 2, np.int16)


class ErrandRules(msgspec.Struct, frozen=True):
    at_once: int = 1
    """Jobs per engine."""
    hearing_seconds: float = 300.0
    """How long a transcription may take."""
    speaking_seconds: float = 30.0
    """How long a synthesis may take, or the next piece of one that is streamed."""
    speech: Speech = Speech()
    """How the server speaks, and in which language it listens, where nothing else is wished."""


class Errands:
    def __init__(
        self,
        engines: Engines,
        rules: ErrandRules,
        calls_in_haste: Callable[[], bool] = lambda: False,
    ) -> None:
        """`calls_in_haste`: whether live calls need the whole machine just now."""
        self._engines = engines
        self._rules = rules
        self.hearing = Desk(
            "speech recogniser", rules.at_once, rules.hearing_seconds, calls_in_haste
        )
        self.speaking = Desk(
            "speech synthesiser", rules.at_once, rules.speaking_seconds, calls_in_haste
        )
        self._streams = Shares(
            MOST_STREAMS, "places for texts that are streamed", lambda *_: _STREAMED_SECONDS
        )
        self._trials = count(1)

    def __repr__(self) -> str:
        return f"<Errands: {self.hearing!r}, {self.speaking!r}, {self._streams.taken} streams>"

    async def transcribe(self, samples: Samples, language: str) -> Transcription:
        check_language(self._engines.stt, language)
        async with self.hearing.job() as let_others:
            engines, usual = self._engines, self._rules.speech.language
            return await transcribe(
                engines.voice, engines.stt, samples, language, usual, between=let_others
            )

    async def synthesize(self, text: str, speech: Speech) -> Spoken:
        line = await line_of(self._engines.tts, text, speech)
        async with self._place_to_speak(line):
            return await speak(self._engines.tts, line)

    async def stream(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        """The sound as it is synthesised; a client that is slow to take it keeps nobody waiting."""
        with self._streams.share():
            line = await line_of(self._engines.tts, text, speech)
            sounds = self._engines.tts.synthesize(line.words, line.speech)
            nothing_yet = True
            async with aclosing(sounds):
                while (sound := await self._next(sounds, line)) is not None:
                    nothing_yet = False
                    yield sound
        if nothing_yet:
            raise EngineFailed(f"The {self._engines.tts.name} engine made no sound of this text.")

    async def _next(self, sounds: AsyncGenerator[Sound], line: Line) -> Sound | None:
        async with self._place_to_speak(line):
            return await anext(sounds, None)

    def _place_to_speak(self, line: Line) -> AbstractAsyncContextManager[object]:
        """What was spoken before is there already, and waits for nobody."""
        is_kept: Callable[..., bool] = getattr(self._engines.tts, "is_kept", lambda *_: False)
        return nullcontext() if is_kept(line.words, line.speech) else self.speaking.job()

    # ------------------------------------------------------------ what is going on

    @property
    def busy(self) -> bool:
        return bool(self._streams.taken or self.hearing.busy or self.speaking.busy)

    @property
    def waiting(self) -> int:
        """Jobs whose turn it is not yet."""
        return self.hearing.waiting + self.speaking.waiting

    # ------------------------------------------------------------ does it work?

    async def hearing_works(self) -> bool:
        def listen() -> Awaitable[Any]:
            language = to_listen_for(self._engines.stt, self._rules.speech.language)
            return hear(self._engines.stt, Caller("trial"), _A_LITTLE_SILENCE, language)

        return await self.hearing.found_working(listen)

    async def speaking_works(self) -> bool:
        def speak() -> Awaitable[Any]:
            # Another word each time: what is kept in a cache proves nothing.
            return synthesize(self._engines.tts, str(next(self._trials)), self._rules.speech)

        return await self.speaking.found_working(speak)
