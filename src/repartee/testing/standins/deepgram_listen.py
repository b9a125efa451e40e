"""How the stand-in for Deepgram listens: Nova's segments and Flux's turns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import uuid4

from repartee.audio.pcm import PcmReader
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.testing.standins.deepgram_ear import Ear, HeardWord
from repartee.testing.standins.deepgram_visit import Dropped, Manners, Visit

UPDATE_SAMPLES = LISTENING_RATE_HZ // 4
"""After so much sound it says how far it is."""
MOST_WORDS = 4
"""A segment with more words than this is final."""
CONFIDENCE = 0.98


class Script(Manners, Protocol):
    transcripts: Sequence[str]
    word_ms: float


class NovaSession:
    def __init__(self, visit: Visit, script: Script) -> None:
        self._visit = visit
        self._script = script
        self._ear = Ear(script.transcripts, script.word_ms)
        self._pcm = PcmReader()
        self._request = str(uuid4())
        self._words: list[HeardWord] = []
        self._start = self._received = self._told = 0

    async def begin(self) -> None:
        """It says nothing until it hears something."""

    async def end(self) -> None:
        """Nothing is under way."""

    async def take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await (self._hear(message) if message else self._finish())
            return
        match json.loads(message).get("type"):
            case "Finalize" if not self._script.deaf:
                await self._settle(from_finalize=True)
            case "CloseStream":
                await self._finish()
            case "KeepAlive" | "Finalize":
                pass
            case _:
                await self._refuse(message)

    async def _hear(self, sound: bytes) -> None:
        samples = self._pcm.take(sound)
        self._received += len(samples)
        self._words += self._ear.hear(samples)
        while len(self._words) > MOST_WORDS:
            segment, self._words = self._words[:MOST_WORDS], self._words[MOST_WORDS:]
            await self._tell(segment, segment[-1].end, final=True)
        if self._received - self._told >= UPDATE_SAMPLES:
            await self._tell(self._words, self._received, final=False)

    async def _settle(self, *, from_finalize: bool) -> None:
        words, self._words = self._words + self._ear.finish(), []
        if self._received > self._start:  # else there is nothing to be said about it
            await self._tell(words, self._received, final=True, from_finalize=from_finalize)

    async def _finish(self) -> None:
        await self._settle(from_finalize=False)
        duration = self._received / LISTENING_RATE_HZ
        await self._visit.say(
            {
                "type": "Metadata",
                "transaction_key": "deprecated",
                "request_id": self._request,
                "sha256": "0" * 64,
                "created": "2026-01-01T00:00:00.000Z",
                "duration": duration,
                "channels": 1,
            }
        )
        self._visit.end(1000)

    async def _refuse(self, message: str) -> None:
        await self._visit.say(
            {
                "type": "Error",
                "variant": "SchemaError",
                "description": "Could not deserialize last text message",
                "message": message,
            }
        )
        self._visit.end(1008, "DATA-0000")

    async def _tell(
        self, words: list[HeardWord], end: int, *, final: bool, from_finalize: bool = False
    ) -> None:
        start, self._told = self._start, self._received
        if final:
            self._start = end
        alternative = {
            "transcript": " ".join(word.text for word in words),
            "confidence": CONFIDENCE if words else 0.0,
            "words": [_written(word) | {"punctuated_word": word.text} for word in words],
        }
        await self._visit.say(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "start": _seconds(start),
                "duration": _seconds(end - start),
                "is_final": final,
                "speech_final": from_finalize,
                "from_finalize": from_finalize,
                "channel": {"alternatives": [alternative]},
                "metadata": {"request_id": self._request, "model_uuid": self._request},
            }
        )


class FluxSession:
    def __init__(self, visit: Visit, script: Script) -> None:
        self._visit = visit
        self._script = script
        self._ear = Ear(script.transcripts, script.word_ms)
        self._pcm = PcmReader()
        self._request = str(uuid4())
        self._sequence = self._turn = 0
        self._words: list[HeardWord] = []
        self._start = self._received = self._told = 0

    async def begin(self) -> None:
        await self._say({"type": "Connected"})

    async def end(self) -> None:
        """Nothing is under way."""

    async def take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._hear(message)
            return
        match json.loads(message).get("type"):
            case "ForceEndTurn":
                await self._end_turn()
            case "CloseStream":
                self._visit.cut()  # so it does: without a close frame
                raise Dropped
            case "Configure":
                await self._say({"type": "ConfigureSuccess"})
            case _:
                await self._say({"type": "Error", "code": "UNPARSABLE_CLIENT_MESSAGE"})
                self._visit.end(1011)

    async def _hear(self, sound: bytes) -> None:
        samples = self._pcm.take(sound)
        self._received += len(samples)
        spoke_before = bool(self._words)
        self._words += self._ear.hear(samples)
        if self._words and not spoke_before:
            await self._tell("StartOfTurn")
        elif self._received - self._told >= UPDATE_SAMPLES:
            await self._tell("Update")

    async def _end_turn(self) -> None:
        self._words += self._ear.finish()
        if self._words and not self._script.deaf:  # without a turn it says nothing
            await self._tell("EndOfTurn", trigger="manual")
            self._turn += 1
            self._start, self._words = self._received, []

    async def _tell(self, event: str, **more: Any) -> None:
        self._told = self._received
        await self._say(
            {
                "type": "TurnInfo",
                "event": event,
                "turn_index": self._turn,
                "audio_window_start": _seconds(self._start),
                "audio_window_end": _seconds(self._received),
                "transcript": " ".join(word.text for word in self._words),
                "words": [_written(word) for word in self._words],
                "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.1,
                **more,
            }
        )

    async def _say(self, message: dict[str, Any]) -> None:
        numbered = {"request_id": self._request, "sequence_id": self._sequence}
        self._sequence += 1
        await self._visit.say(message | numbered)


def _written(word: HeardWord) -> dict[str, Any]:
    return {
        "word": word.text,
        "start": _seconds(word.start),
        "end": _seconds(word.end),
        "confidence": CONFIDENCE,
    }


def _seconds(samples: int) -> float:
    return round(samples / LISTENING_RATE_HZ, 6)
