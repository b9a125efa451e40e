"""How the stand-in for Deepgram speaks: Aura's side of `/v1/speak`, with a tone for a voice."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, Protocol
from uuid import uuid4

import numpy as np
from websockets.exceptions import ConnectionClosed

from repartee.audio.pcm import pcm_bytes
from repartee.testing.standins.deepgram_visit import Dropped, Manners, Visit

MOST_FLUSHES = 20
"""As many as it takes on one connection, in a minute."""
MOST_CHARS = 2_000
_PIECE_BYTES = 4_801
"""An odd number: samples are cut in two now and then."""
_TONE = 2_000


class Voice(Manners, Protocol):
    letter_ms: float


class AuraSession:
    def __init__(self, visit: Visit, voice: Voice) -> None:
        self._visit = visit
        self._voice = voice
        self._rate_hz = int(visit.query.get("sample_rate", "24000"))
        self._speed = float(visit.query.get("speed", "1"))
        self._text = ""
        self._sequence = self._flushes = 0
        self._speaking: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        model = {"model_name": self._visit.query["model"], "model_version": "2026-01-01.0"}
        await self._visit.say({"type": "Metadata", "request_id": str(uuid4()), **model})

    async def end(self) -> None:
        if self._speaking:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message) if isinstance(message, str) else {}
        match told.get("type"):
            case "Speak":
                await self._take_text(str(told.get("text", "")))
            case "Flush":
                await self._flush()
            case "Clear":
                await self._clear()
            case "Close":
                await self._flush()
                if self._speaking:
                    await asyncio.wait([self._speaking])
                self._visit.end(1000)
            case _:
                self._visit.end(1008, "DATA-0000")

    async def _take_text(self, text: str) -> None:
        if len(self._text) + len(text) > MOST_CHARS:
            await self._warn("TEXT_LENGTH_EXCEEDED")
        else:
            self._text += text

    async def _flush(self) -> None:
        self._flushes += 1
        if self._flushes > MOST_FLUSHES:
            await self._warn("EXCESSIVE_FLUSH")
            return
        before, text, self._text = self._speaking, self._text, ""
        self._speaking = asyncio.create_task(self._speak(text, before))

    async def _clear(self) -> None:
        self._text = ""
        if self._speaking:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])
            self._speaking = None
            await self._visit.say(bytes(_PIECE_BYTES - 1))  # one that was under way
        await self._say_numbered("Cleared")

    async def _speak(self, text: str, before: asyncio.Task[None] | None) -> None:
        """All sound of a text; the drop switch counts what goes out here."""
        if before:
            await asyncio.wait([before])
        letters = len(text) - text.count(" ")
        samples = round(letters * self._voice.letter_ms * self._rate_hz / 1000 / self._speed)
        sound = pcm_bytes(np.full(samples, _TONE, np.int16))
        with contextlib.suppress(ConnectionClosed, Dropped):
            for at in range(0, len(sound), _PIECE_BYTES):
                self._drop_if_due()
                await self._visit.say(sound[at : at + _PIECE_BYTES])
                await asyncio.sleep(0)
            await self._say_numbered("Flushed")

    def _drop_if_due(self) -> None:
        due = self._voice.drop_after
        if due is not None and self._visit.sent_samples >= due:
            self._voice.drop_after = None
            self._visit.cut()
            raise Dropped

    async def _warn(self, code: str) -> None:
        warning: dict[str, Any] = {"type": "Warning", "code": code, "description": "Not now."}
        await self._visit.say(warning)

    async def _say_numbered(self, kind: str) -> None:
        await self._visit.say({"type": kind, "sequence_id": self._sequence})
        self._sequence += 1
