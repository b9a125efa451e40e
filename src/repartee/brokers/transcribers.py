"""Who writes down what a broker is given: a server of whisper.cpp, or an engine on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from pathlib import PureWindowsPath
from typing import Any, Protocol

import httpx
import msgspec
import numpy as np

from repartee.audio.pcm import Samples
from repartee.audio.wav import wav_bytes
from repartee.brokers.formats import Format, written
from repartee.brokers.upstream import Upstream
from repartee.brokers.wishes import Wish
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
from repartee.engines.stt.whisper_answer import LANGUAGES, language_code
from repartee.errors import BadInput, EngineFailed, EngineNonsense

_MOST_BYTES = 16 << 20
_LONGEST_MESSAGE = 200
_A_LITTLE_SILENCE = np.zeros(LISTENING_RATE_HZ // 2, np.int16)


class Transcriber(Protocol):
    name: str

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def transcribe(self, samples: Samples, wish: Wish) -> bytes:
        """What is said in this sound of 16 kHz, in the format that is wished."""

    async def load(self, model: str) -> str:
        """Take another model; a sentence about it."""

    async def check(self) -> None:
        """An error that says what keeps it from working, if anything does."""

    def about(self) -> dict[str, Any]: ...


# ---------------------------------------------------------------- forwarding


class WhisperServer:
    def __init__(self, upstream: Upstream) -> None:
        self.name = upstream.name
        self._upstream = upstream
        self._model: str | None = None

    async def open(self) -> None:
        await self._upstream.open()

    async def close(self) -> None:
        await self._upstream.close()

    async def transcribe(self, samples: Samples, wish: Wish) -> bytes:
        fields = {**wish.options, "response_format": wish.format}
        if wish.language:
            fields["language"] = self._language(wish.language)
        request = await asyncio.to_thread(_form, "/inference", fields, samples)
        body = await self._upstream.fetch(request, _MOST_BYTES)
        self._check(body, wish.format)
        return body

    async def load(self, model: str) -> str:
        body = await self._upstream.fetch(_form("/load", {"model": model}), _MOST_BYTES)
        message = body.decode(errors="replace").strip()
        if message.startswith("{"):  # older servers tell an error as if it were none
            raise BadInput(f"The {self.name} has no such model.")
        # Where it lies over there is nobody else's business.
        self._model = PureWindowsPath(model).name
        return message[:_LONGEST_MESSAGE]

    async def check(self) -> None:
        await self._upstream.check()

    def about(self) -> dict[str, Any]:
        return {
            "engine": "whisper.cpp",
            "model": self._model,
            "languages": list(LANGUAGES),
            "remote_url": self._upstream.url,
        }

    def _language(self, wanted: str) -> str:
        """As the server knows it; it would fail at one that it does not know."""
        code = "auto" if wanted.lower() == "auto" else language_code(wanted)
        if not code:
            raise BadInput(
                f"The {self.name} does not understand the language {wanted[:40]!r}.",
                hint="Send a code such as 'en' or 'de', or 'auto'.",
            )
        return code

    def _check(self, body: bytes, format: Format) -> None:
        """Whatever it is, a page is no transcript; and JSON must have a text."""
        if format in ("json", "verbose_json"):
            try:
                told = msgspec.json.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                told = None
            fits = isinstance(told, dict) and isinstance(told.get("text"), str)
        else:
            fits = not body.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))
        if not fits:
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
        self,
        detector: VoiceDetector,
        stt: Recognizer,
        model: str | None,
        usual_language: str,
        desk: Desk,
    ) -> None:
        self.name = f"{stt.name} engine"
        self._desk = desk
        self._detector = detector
        self._stt = stt
        self._model = model
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

    async def check(self) -> None:
        def listen() -> Awaitable[Transcript]:
            return hear(self._stt, Caller("trial"), _A_LITTLE_SILENCE, self._usual_language)

        if not await self._desk.found_working(listen):
            raise EngineFailed(
                f"The {self.name} does not work.", hint="The log of the broker says why."
            )

    def about(self) -> dict[str, Any]:
        return {
            "engine": self._stt.name,
            "model": self._model,
            "languages": list(self._stt.languages),
        }
