"""Recordings that are uploaded, and the streams of their answers."""

from __future__ import annotations

from pathlib import Path

import httpx

from repartee.audio.wav import wav_bytes
from repartee.engines.build import Engines
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server.house import House
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.calls.visiting import said
from tests.server.event_stream import Event, listening

WAV = wav_bytes(said(), LISTENING_RATE_HZ)
BROWSER = Path("tests/recordings/browser")
QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."


def engines(answer: str = ANSWER) -> Engines:
    return scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=FakeModel(answer))


async def upload(client: httpx.AsyncClient, wav: bytes = WAV, /, **query: str) -> str:
    response = await client.post("/upload", content=wav, params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    assert list(body) == ["session_id"]
    return str(body["session_id"])


async def events_of(house: House, upload_id: str) -> list[Event]:
    async with listening(house, f"/stream/{upload_id}") as stream:
        await stream.over.wait()
    assert stream.status == 200
    return stream.events


async def asked(house: House, client: httpx.AsyncClient, **query: str) -> Event:
    """The last event of a whole answer."""
    last = (await events_of(house, await upload(client, **query)))[-1]
    assert last["type"] == "done", last
    return last


def refusal(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])
