"""Guests on every interface: each says one word only, and keeps all that it is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import numpy as np

from repartee.audio.wav import wav_bytes
from repartee.bridges.mqtt.bridge import Bridge
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ
from tests.fuzz.test_mqtt import bridged
from tests.fuzz.whole_app import Phone, WholeApp

WORDS = ("marmalade", "zeppelin", "quartz", "harbour", "violin", "cactus", "walnut", "glacier")
TURNS = 2
_WINDOW = 1_024
_LONGEST_WORD = 200


class Guest:
    """`told` is every text that came; sound is left out."""

    def __init__(self, app: WholeApp, number: int, pauses: tuple[float, ...]) -> None:
        self.app = app
        self.word = WORDS[number]
        self.name = f"conversation {number}"
        self.told: list[str] = []
        self.pauses = pauses
        self.pcm = self._tone(FIRST_TONE_HZ + number * TONE_STEP_HZ)
        self.wav = wav_bytes(np.frombuffer(self.pcm, np.int16), LISTENING_RATE_HZ)

    @staticmethod
    def _tone(hz: int) -> bytes:
        """By which the scripted ear knows whose word it is; and silence, that ends a turn."""
        moments = np.arange(LISTENING_RATE_HZ) / LISTENING_RATE_HZ
        loud = np.rint(np.sin(2 * np.pi * hz * moments) * 8_000).astype(np.int16)
        return bytes(loud.tobytes()) + bytes(LISTENING_RATE_HZ * 3)

    def note(self, what: Any) -> None:
        """All texts in it; sound is one very long word."""
        match what:
            case str():
                if len(what) < _LONGEST_WORD or " " in what:
                    self.told.append(what)
            case dict():
                for part in what.values():
                    self.note(part)
            case list():
                for part in what:
                    self.note(part)


async def on_a_phone(
    guest: Guest, path: str, turn: Callable[[Phone, int], Awaitable[None]]
) -> None:
    async with guest.app.phone(path) as phone:
        for number in range(TURNS):
            await anyio.sleep(guest.pauses[number])
            await turn(phone, number)
        for frame in phone.frames:
            guest.note(frame)


async def types(guest: Guest) -> None:
    async def turn(phone: Phone, number: int) -> None:
        so_far = len(phone.frames)
        phone.say(type="chat", message=guest.word)
        await phone.next("response_complete", so_far)

    await on_a_phone(guest, "/ws", turn)


async def speaks(guest: Guest) -> None:
    async def turn(phone: Phone, number: int) -> None:
        for at in range(0, len(guest.pcm), _WINDOW):
            phone.say_raw(guest.pcm[at : at + _WINDOW])
            await anyio.sleep(_WINDOW / 2 / LISTENING_RATE_HZ)
        done = 0
        while done <= number:
            await anyio.sleep(0.1)
            done = sum(f["type"] == "status" and f["data"] == "complete" for f in phone.frames)

    await on_a_phone(guest, "/ws", turn)


async def holds_a_button(guest: Guest) -> None:
    async def turn(phone: Phone, number: int) -> None:
        so_far = len(phone.frames)
        phone.say(type="start")
        for at in range(0, len(guest.wav), 8_000):
            phone.say_raw(guest.wav[at : at + 8_000])
            await anyio.sleep(0.1)
        phone.say(type="stop")
        await phone.next("tts_done", so_far)

    await on_a_phone(guest, "/call", turn)


async def sends_messages(guest: Guest) -> None:
    async def turn(phone: Phone, number: int) -> None:
        so_far = len(phone.frames)
        phone.say(type="voice_message", audio_base64=base64.b64encode(guest.wav).decode())
        await phone.next("audio", so_far)

    await on_a_phone(guest, "/api/voice/ws/chat", turn)


async def uploads(guest: Guest) -> None:
    async with guest.app.asking() as client:
        for pause in guest.pauses[:TURNS]:
            await anyio.sleep(pause)
            upload = (await client.post("/upload", content=guest.wav)).json()
            stream = await client.get(f"/stream/{upload['session_id']}")
            for line in stream.text.split("\n\n"):
                if line:
                    guest.note(json.loads(line.removeprefix("data: ")))


async def posts_messages(guest: Guest) -> None:
    query = {"conversation_id": guest.name, "user_id": guest.word}
    async with guest.app.asking() as client:
        for pause in guest.pauses[:TURNS]:
            await anyio.sleep(pause)
            files = {"file": ("a.wav", guest.wav)}
            answer = await client.post("/api/messages/voice", params=query, files=files)
            guest.note(answer.json())
        guest.note((await client.get("/api/messages", params=query)).json())


async def asks_aloud(guest: Guest) -> None:
    recording = base64.b64encode(guest.wav).decode()
    body = {"audio_base64": recording, "conversation_id": guest.name}
    async with guest.app.asking() as client:
        for pause in guest.pauses[:TURNS]:
            await anyio.sleep(pause)
            guest.note((await client.post("/api/voice/message", json=body)).json())


async def is_a_device(guest: Guest) -> None:
    async with bridged(guest.app) as (bridge, sent):
        for number, pause in enumerate(guest.pauses[:TURNS]):
            await anyio.sleep(pause)
            await _until_answered(bridge, guest, number + 1, sent)
        guest.told += [p.payload.decode() for p in sent if "playBytes" not in p.topic]


async def _until_answered(bridge: Bridge, guest: Guest, count: int, sent: list[Any]) -> None:
    bridge.arrived(f"repartee/{guest.word}/recording", guest.wav)
    while sum(p.topic.endswith("/reply/done") for p in sent) < count:
        await anyio.sleep(0.1)


INTERFACES: tuple[Callable[[Guest], Coroutine[Any, Any, None]], ...] = (
    types,
    speaks,
    holds_a_button,
    sends_messages,
    uploads,
    posts_messages,
    asks_aloud,
    is_a_device,
)
