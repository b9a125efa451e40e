"""Clients that vanish, that take nothing, and that send without end: nobody else notices."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from repartee.calls.clock import now
from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.fakes import FakeModel, Trouble, tokens
from tests.calls.line import QUIET, VOICE, pcm, scripted
from tests.calls.recorder import recording
from tests.calls.virtual_time import Backend
from tests.fuzz.leaks import left_over
from tests.fuzz.patient_time import IN_PATIENT_TIME
from tests.fuzz.whole_app import Phone, WholeApp, whole_app
from tests.server.every_interface import WAV_BASE64

pytestmark = pytest.mark.anyio

ENDLESS = "Over and over it goes, and nobody knows when it will end. " * 60
SEND_SECONDS = 5.0


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_PATIENT_TIME


@asynccontextmanager
async def an_app() -> AsyncIterator[WholeApp]:
    """Its model talks for minutes; of its calls nothing may be left at the end."""
    model = FakeModel(lambda: tokens(ENDLESS, every_seconds=0.05))
    engines = scripted(llm=model, tts=ScriptedSynthesizer(letter_ms=20))
    async with whole_app(engines, send_timeout_seconds=SEND_SECONDS) as app:
        yield app
        assert len(app.house.roster) == 0
    assert left_over() == []


# ---------------------------------------------------------------- how far a turn has come

Say = Callable[[Phone], None]


def chats(phone: Phone) -> None:
    phone.say(type="chat", message="Tell me everything.")


def speaks(phone: Phone) -> None:
    for level in [VOICE] * 40:
        phone.say_raw(pcm(level, 32))


def speaks_and_pauses(phone: Phone) -> None:
    speaks(phone)
    for level in [QUIET] * 40:
        phone.say_raw(pcm(level, 32))


def holds_the_button(phone: Phone) -> None:
    phone.say(type="start")
    for blob in recording(2_000):
        phone.say_raw(blob)


def lets_it_go(phone: Phone) -> None:
    holds_the_button(phone)
    phone.say(type="stop")


def sends_a_message(phone: Phone) -> None:
    phone.say(type="voice_message", audio_base64=WAV_BASE64)


PHASES: dict[str, tuple[str, Say, str]] = {
    "before anything was said": ("/ws", lambda phone: None, "status"),
    "typed": ("/ws", chats, "response_start"),
    "typed, and is being answered": ("/ws", chats, "chunk"),
    "in the middle of a sentence": ("/ws", speaks, "transcript"),
    "spoken, and is being answered": ("/ws", speaks_and_pauses, "audio"),
    "holding the button": ("/call", holds_the_button, "stt_partial"),
    "let go of the button": ("/call", lets_it_go, "stt_final"),
    "push-to-talk, and is being answered": ("/call", lets_it_go, "tts_audio_chunk"),
    "a spoken message": ("/api/voice/ws/chat", sends_a_message, "transcription"),
}


@pytest.mark.parametrize("phase", PHASES)
async def test_one_that_vanishes_leaves_nothing_behind(phase: str) -> None:
    path, say, until = PHASES[phase]
    async with an_app() as app:
        async with app.phone(path) as phone:
            say(phone)
            await phone.until_type(until)
        await app.house.keeper.flush()
        sessions = await app.house.store.sessions(10)
        assert all(session.status == "ended" for session in sessions)


def takes_only(frames: int) -> Trouble:
    """So many frames are read, and then no more."""
    left = frames

    async def take() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            await anyio.sleep_forever()

    return take


@pytest.mark.parametrize(
    ("path", "say", "frames"),
    [
        *(("/ws", chats, frames) for frames in (0, 1, 3)),
        *(("/call", lets_it_go, frames) for frames in (0, 1, 3)),
        ("/api/voice/ws/chat", sends_a_message, 0),
    ],
)
async def test_one_that_reads_no_more_is_given_up_and_others_are_served(
    path: str, say: Say, frames: int
) -> None:
    async with (
        an_app() as app,
        app.phone("/ws") as other,
        app.phone(path, trouble=takes_only(frames)) as staller,
    ):
        say(staller)
        began = now()
        chats(other)
        await other.until_type("chunk")
        assert now() - began < 1
        await staller.over.wait()
        assert now() - began < 3 * SEND_SECONDS


@pytest.mark.parametrize("path", ["/ws", "/call", "/api/voice/ws/chat"])
@pytest.mark.parametrize(
    "frame", ["nonsense", json.dumps({"type": "ping"}), pcm(VOICE, 32)], ids=["text", "ping", "pcm"]
)
async def test_one_that_floods_gets_what_it_asked_for_and_others_are_served(
    path: str, frame: str | bytes
) -> None:
    async with an_app() as app, app.phone("/ws") as other:
        async with app.phone(path) as flood:
            for _ in range(2_000):
                flood.say_raw(frame)
            began = now()
            chats(other)
            await other.until_type("chunk")
            assert now() - began < 1
            await anyio.sleep(30)
        other.say(type="interrupt")
        await other.until_status("interrupted")
