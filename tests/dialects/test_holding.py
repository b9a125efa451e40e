"""Somebody is asked to wait, and what of that each dialect says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
import pytest

from repartee.conversation import told
from repartee.conversation.lexicon import holding_sentence
from repartee.dialects.call import CallDialect
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.server.house import build_house
from repartee.settings import Settings
from tests.calls.fakes import FakeModel
from tests.calls.late_engines import slow_model
from tests.calls.line import QUIET, VOICE, Notebook, pcm, scripted
from tests.calls.recorder import DecodesHere
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import on_the_phone
from tests.server.test_call_socket import on_call

WORDS = ("It is ten past four.", "The sun is still up.")
HELD = told.Traced("id", "asked_to_hold", 1_700_000_000.0, 1_700, why={"stage": "stt_done"})


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


@asynccontextmanager
async def hands_free(model: FakeModel) -> AsyncIterator[FakeSocket]:
    decoding: Any = DecodesHere()
    notebook: Any = Notebook()
    house = build_house(Settings(), scripted(llm=model), decoding, notebook, notebook)
    async with on_the_phone(house) as socket:
        await socket.until_status("connected")
        yield socket


def test_push_to_talk_has_no_event_for_it() -> None:
    """Its list is closed: clients may count on knowing all of it."""
    assert CallDialect(lambda: 0.0).render(HELD) == []


@pytest.mark.anyio
async def test_push_to_talk_on_the_wire() -> None:
    async with on_call(llm=slow_model()) as client:
        await client.ask()
        assert [chunk["text"] for chunk in client.all("tts_audio_chunk")] == ["", *WORDS]
        assert not {kind for kind in client.kinds() if "hold" in kind}
        assert "asked to wait after" in client.event("turn_complete")["why"]["sentence"]


def test_hands_free_tells_it_to_those_who_want_the_trace() -> None:
    dialect = WsDialect()
    assert dialect.render(HELD) == []
    dialect.parse('{"type":"config","trace":true}')
    (frame,) = map(json.loads, map(str, dialect.render(HELD)))
    assert (frame["event"], frame["why"]) == ("asked_to_hold", {"stage": "stt_done"})


def test_its_sound_has_an_empty_text() -> None:
    sound = np.zeros(960, np.int16)
    dialects: tuple[Dialect, ...] = (WsDialect(), CallDialect(lambda: 0.0))
    for dialect in dialects:
        assert json.loads(dialect.render_sound(1, sound, ""))["text"] == ""


@pytest.mark.anyio
async def test_on_the_wire_of_a_spoken_turn() -> None:
    async with hands_free(slow_model()) as socket:
        socket.say(type="config", trace=True)
        for level, ms in ((VOICE, 1_184), (QUIET, 2_016)):
            for _ in range(0, ms, 32):
                await _next_window(socket, level)
        await socket.until_status("complete")
        frames = socket.frames
        audio = [frame for frame in frames if frame["type"] == "audio"]
        assert [one["text"] for one in audio if "text" in one] == ["", *WORDS]
        assert "text" in audio[0]
        events = [one["event"] for one in frames if one["type"] == "trace_event"]
        assert events.count("asked_to_hold") == 1
        assert holding_sentence("en") not in json.dumps(frames)


@pytest.mark.anyio
async def test_on_the_wire_of_a_typed_turn() -> None:
    async with hands_free(slow_model()) as socket:
        socket.say(type="chat", message="What time is it?")
        await socket.until(lambda frame: frame["type"] == "response_complete")
        assert [data["text"] for data in _chunks(socket, "audio")] == ["", *WORDS]
        assert holding_sentence("en") not in json.dumps(socket.frames)


@pytest.mark.anyio
async def test_an_answer_in_time_has_nothing_of_the_kind() -> None:
    async with hands_free(FakeModel(" ".join(WORDS))) as socket:
        socket.say(type="chat", message="What time is it?")
        await socket.until(lambda frame: frame["type"] == "response_complete")
        assert [data["text"] for data in _chunks(socket, "audio")] == [*WORDS]


def _chunks(socket: FakeSocket, kind: str) -> list[dict[str, Any]]:
    chunks = [frame["data"] for frame in socket.frames if frame["type"] == "chunk"]
    return [data for data in chunks if data["type"] == kind]


async def _next_window(socket: FakeSocket, level: int) -> None:
    await anyio.sleep(0.032)
    socket.say_raw(pcm(level, 32))
