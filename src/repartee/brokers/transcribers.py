"""Who writes down what a broker is given: a server of whisper.cpp, or an engine on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

import httpx
import msgspec
import numpy as np

from repartee.audio.pcm import Samples
from repartee.audio.wav import wav_bytes
from repartee.brokers.formats import Format, written
from repartee.brokers.upstream import Upstream, patience
from repartee.calls.desk import Desk
from repartee.calls.single import hear, transcribe
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Recognizer,
    Transcript,
    VoiceDetector,
)
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.errors import BadInput, EngineNonsense

_MOST_BYTES = 16 << 20
_A_LITTLE_SILENCE = np.zeros(LISTENING_RATE_HZ // 2, np.int16)


class Wish(msgspec.Struct, frozen=True):
    format: Format = "json"
    language: str = ""
    """Empty: the usual one of whoever transcribes."""
    options: Mapping[str, str] = {}
    """What else whisper.cpp can be told; other engines have no use for it."""


class Transcriber(Protocol):
    name: str

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def transcribe(self, samples: Samples, wish: Wish) -> bytes:
        """What is said in this sound of 16 kHz, in the format that is wished."""

    async def load(self, model: str) -> str:
        """Take another model; a sentence about it."""

    async def works(self) -> bool: ...
    def about(self) -> dict[str, Any]: ...


# ---------------------------------------------------------------- forwarding


class WhisperServer:
    def __init__(self, upstream: Upstream, timeout_s: float) -> None:
        self.name = upstream.name
        self._upstream = upstream
        self._service = Service(upstream.address, patience(timeout_s))

    async def open(self) -> None:
        await self._upstream.open()
        await self._service.open()

    async def close(self) -> None:
        await self._service.close()
        await self._upstream.close()

    async def transcribe(self, samples: Samples, wish: Wish) -> bytes:
        fields = {**wish.options, "response_format": wish.format}
        if wish.language:
            fields["language"] = wish.language
        request = await asyncio.to_thread(_form, "/inference", fields, samples)
        body = await self._service.fetch(request, _MOST_BYTES)
        if wish.format in ("json", "verbose_json"):
            self._check(body)
        return body

    async def load(self, model: str) -> str:
        body = await self._service.fetch(_form("/load", {"model": model}), _MOST_BYTES)
        return body.decode(errors="replace").strip()[:200]

    async def works(self) -> bool:
        return await self._upstream.answers()

    def about(self) -> dict[str, Any]:
        return {"engine": "whisper.cpp", "remote_url": self._upstream.url}

    def _check(self, body: bytes) -> None:
        try:
            told = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            told = None
        if not isinstance(told, dict) or not isinstance(told.get("text"), str):
            raise EngineNonsense(f"The {self.name} answered something that is no transcript.")


def _form(path: str, fields: Mapping[str, str], samples: Samples | None = None) -> Request:
    parts: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
    if samples is not None:
        parts["file"] = ("speech.wav", wav_bytes(samples, LISTENING_RATE_HZ), "audio/wav")
    form = httpx.Request("POST", "http://form", files=parts)
    return Request(path, form.read(), form.headers["content-type"])


# ---------------------------------------------------------------- an engine of our own


class LocalTranscriber:
    """`usual_language` is heard where no other is named."""

    def __init__(
        self, detector: VoiceDetector, stt: Recognizer, usual_language: str, desk: Desk
    ) -> None:
        self.name = f"{stt.name} engine"
        self._desk = desk
        self._detector = detector
        self._stt = stt
        self._usual_language = usual_language

    async def open(self) -> None:
        await self._detector.open()
        await self._stt.open()

    async def close(self) -> None:
        await self._stt.close()
        await self._detector.close()

    async def transcribe(self, samples: Samples, wish: Wish) -> bytes:
        language = wish.language if wish.language not in ("", "auto") else self._usual_language
        heard = await transcribe(self._detector, self._stt, samples, language)
        return written(heard, wish.format).encode()

    async def load(self, model: str) -> str:
        raise BadInput(
            f"The {self.name} has one model and takes no other.",
            hint="Start the broker with another --engine, or without one to forward.",
        )

    async def works(self) -> bool:
        def listen() -> Awaitable[Transcript]:
            return hear(self._stt, Caller("trial"), _A_LITTLE_SILENCE, self._usual_language)

        return await self._desk.found_working(listen)

    def about(self) -> dict[str, Any]:
        return {"engine": self._stt.name, "languages": list(self._stt.languages)}
