"""Every socket, given frames that nobody should send: it says what is wrong, and the call goes on.

Afterwards an ordinary turn on the same connection is answered; and of the connection nothing is
left when it is over.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.line import scripted
from tests.calls.recorder import recording
from tests.fuzz.budget import FRAMES, patiently, tries
from tests.fuzz.leaks import (
    assert_nothing_is_kept,
    assert_nothing_leaks,
    footprint,
    left_over,
    sentence_of,
)
from tests.fuzz.values import broken_recordings, mutated, sound, texts
from tests.fuzz.whole_app import OnStage, Phone, WholeApp, on_stage
from tests.server.every_interface import WAV_BASE64

pytestmark = patiently

MOST_GROWTH_MB = 5
"""Of the process, when it is sent again what it was sent before."""
AT_ONCE = 10
"""Frames on one connection."""
WORDS = "are you still there"

pauses = st.sampled_from([0.0, 0.0, 0.0, 0.02, 0.4, 3.0])

TO_WS = (
    {"type": "chat", "message": "What time is it?"},
    {"type": "audio", "data": "AAAA" * 400},
    {"type": "config", "persona": "astronaut", "voice": "af_heart", "speed": 1.5, "language": "en"},
    {"type": "config", "instructions": "You are a pirate.", "sample_rate": 48_000, "trace": True},
    {"type": "interrupt"},
    {"type": "ping"},
    {"type": "start"},
    {"type": "stop"},
    {"type": "played", "reply": 1, "ms": 300},
)
TO_CALL: tuple[dict[str, Any], ...] = ({"type": "start"}, {"type": "stop"}, {"type": "ping"})
TO_CHAT = (
    {"type": "transcribe", "audio_base64": WAV_BASE64, "language": "en"},
    {"type": "synthesize", "text": "Hello.", "voice": "af_heart", "lang_code": "en", "speed": 1.0},
    {"type": "voice_message", "audio_base64": WAV_BASE64, "conversation_id": "kitchen"},
    {"type": "ping"},
)

Frames = list[tuple[str | bytes, float]]


def frames_of(kinds: st.SearchStrategy[str | bytes]) -> st.SearchStrategy[Frames]:
    """Frames, each with a pause behind it."""
    return st.lists(st.tuples(kinds, pauses), min_size=AT_ONCE, max_size=AT_ONCE)


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    quick = scripted(tts=ScriptedSynthesizer(letter_ms=10))
    with on_stage(quick, max_frame_bytes=65_536) as it:
        yield it


class Tried:
    """What was sent where, as much of it as is to be sent again."""

    most_each = max(20, FRAMES // 250)

    def __init__(self) -> None:
        self.calls: list[tuple[str, Frames]] = []

    def note(self, path: str, frames: Frames) -> None:
        if sum(where == path for where, _ in self.calls) < self.most_each:
            self.calls.append((path, frames))


@pytest.fixture(scope="module")
def tried() -> Tried:
    return Tried()


async def sent(phone: Phone, frames: Frames) -> int:
    """All of these frames; gives how many frames had come by then."""
    for frame, pause in frames:
        phone.say_raw(frame)
        await anyio.sleep(pause)
    return len(phone.frames)


def check_told(phone: Phone) -> None:
    """What was said in the frames comes back in answers; what is told of errors must not."""
    assert phone.farewell is None
    for frame in phone.frames:
        if frame["type"] == "error":
            assert_nothing_leaks(sentence_of(frame))
        assert_nothing_leaks(json.dumps({**frame, "data": "", "audio": "", "audio_base64": ""}))


def answers_our_words(frame: dict[str, Any], phone: Phone) -> bool:
    """What is typed while somebody speaks is answered with what is said, as a spoken turn."""
    match frame["type"], frame.get("data"):
        case "response_complete", _:
            return WORDS in frame["full_text"]
        case "status", "complete":
            told = [f for f in phone.frames if f["type"] == "text_chunk"]
            return WORDS in "".join(f["data"] for f in told if f["reply"] == frame["reply"])
        case _:
            return False


@given(frames_of(st.one_of(mutated(TO_WS), mutated(TO_WS), sound, broken_recordings(2_000))))
@tries(0.4, AT_ONCE)
def test_hands_free(stage: OnStage, tried: Tried, frames: Frames) -> None:
    async def call(app: WholeApp) -> None:
        async with app.phone("/ws") as phone:
            await sent(phone, frames)
            phone.say(type="interrupt")
            phone.say(type="chat", message=WORDS)
            await phone.until(lambda frame: answers_our_words(frame, phone))
            check_told(phone)

    tried.note("/ws", frames)
    stage.run(call(stage.app))


@given(frames_of(st.one_of(mutated(TO_CALL), sound, broken_recordings(), broken_recordings())))
@tries(0.2, AT_ONCE)
def test_push_to_talk(stage: OnStage, tried: Tried, frames: Frames) -> None:
    async def call(app: WholeApp) -> None:
        async with app.phone("/call") as phone:
            so_far = await sent(phone, frames)
            phone.say(type="start")
            for blob in recording(1_000):
                phone.say_raw(blob)
            phone.say(type="stop")
            await phone.next("stt_final", so_far)
            await phone.next("tts_done", so_far)
            check_told(phone)

    tried.note("/call", frames)
    stage.run(call(stage.app))


@given(frames_of(st.one_of(mutated(TO_CHAT), mutated(TO_CHAT), mutated(TO_CHAT), sound)))
@tries(0.15, AT_ONCE)
def test_voice_chat(stage: OnStage, tried: Tried, frames: Frames) -> None:
    async def call(app: WholeApp) -> None:
        async with app.phone("/api/voice/ws/chat") as phone:
            await sent(phone, frames)
            await anyio.sleep(600)  # at most sixteen requests wait; then there is room again
            so_far = len(phone.frames)
            phone.say(type="synthesize", text="Hello.")
            assert (await phone.next("audio", so_far))["duration_seconds"] > 0
            check_told(phone)

    tried.note("/api/voice/ws/chat", frames)
    stage.run(call(stage.app))


@given(broken_recordings())
@tries(0.04)
def test_recordings_as_messages(stage: OnStage, data: bytes) -> None:
    """As base64 in JSON: heard, or refused with a sentence, and the next request is answered."""

    async def call(app: WholeApp) -> None:
        async with app.phone("/api/voice/ws/chat") as phone:
            phone.say(type="transcribe", audio_base64=base64.b64encode(data).decode())
            first = await phone.until(lambda f: f["type"] in ("transcription", "error"))
            assert first["type"] == "transcription" or sentence_of(first)
            phone.say(type="transcribe", audio_base64=WAV_BASE64)
            await phone.next("transcription", 1)
            check_told(phone)

    stage.run(call(stage.app))


@given(
    st.sampled_from(["/ws", "/call", "/api/voice/ws/chat"]),
    st.sampled_from("persona voice speed language resume token key".split()),
    texts,
)
@tries(0.02)
def test_wishes_in_the_address(stage: OnStage, path: str, name: str, value: str) -> None:
    """Whatever stands there, who calls is greeted, or told with a sentence why not."""

    async def call(app: WholeApp) -> None:
        async with app.phone(path, urlencode({name: value}, errors="surrogatepass")) as phone:
            if path != "/api/voice/ws/chat":
                phone.say(type="ping")
                await phone.until_type("pong")
            check_told(phone)

    stage.run(call(stage.app))


def test_the_same_again_costs_no_memory(stage: OnStage, tried: Tried) -> None:
    """This comes last: it sends again what the others have sent."""

    async def again(app: WholeApp) -> None:
        for path, frames in tried.calls:
            async with app.phone(path) as phone:
                await sent(phone, frames)
        await app.house.visitors.close()
        await anyio.sleep(1)  # whatever ends with the last call has ended

    assert tried.calls
    stage.run(again(stage.app))
    assert left_over() == []
    before = footprint()
    for _ in range(2):
        stage.run(again(stage.app))
    assert_nothing_is_kept(before, MOST_GROWTH_MB)
    assert len(stage.app.house.roster) == 0
