"""What the tests of the voice interface ask with, and how they read what they are answered."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np

from repartee.audio.wav import read_wav, wav_bytes
from repartee.engines.protocols import Samples
from tests.server.houses import Cast, Houses
from tests.server.open_house import asking, open_house

VOICE: Samples = np.full(16_000, 8_000, np.int16)
WAV = wav_bytes(VOICE, 16_000)
SILENCE = wav_bytes(np.zeros(32_000, np.int16), 16_000)
TEXT = "Hello, this is a test"
HEARD = "Hello, can you hear me?"
AS_USUAL = Cast()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@asynccontextmanager
async def client(
    houses: Houses, cast: Cast = AS_USUAL, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        houses.engines(cast) as engines,
        open_house(engines=engines, **settings) as house,
        asking(house) as asker,
    ):
        yield asker


def sentence(response: httpx.Response) -> str:
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])


def wav_in(body: dict[str, Any]) -> Samples:
    recording = read_wav(base64.b64decode(body["audio_base64"]))
    assert recording.rate_hz == 24_000
    return recording.samples
