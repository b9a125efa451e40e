"""A device on the broker: publishes what a test wants, and keeps what it hears."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import msgspec
import numpy as np

from repartee.audio.wav import Recording, read_wav, wav_bytes

RATE_HZ = 16_000
FRAME_MS = 32
NO_WAITING = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
VOICE, QUIET = 8_000, 0
"""Levels of sound: the scripted detector takes loud for speech."""


def wav(level: int, ms: int, rate_hz: int = RATE_HZ) -> bytes:
    return wav_bytes(np.full(rate_hz * ms // 1000, level, np.int16), rate_hz)


class Message(msgspec.Struct, frozen=True):
    topic: str
    payload: bytes
    qos: int
    retained: bool

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.payload)
        return body

    @property
    def sound(self) -> Recording:
        return read_wav(self.payload)


class Device:
    """`site` is its name; it hears all that is said on the broker."""

    def __init__(self, client: aiomqtt.Client, site: str) -> None:
        self.site = site
        self.messages: list[Message] = []
        self._client = client
        self._arrived = asyncio.Event()

    async def receive(self) -> None:
        async for message in self._client.messages:
            payload = message.payload
            assert isinstance(payload, bytes)
            told = Message(str(message.topic), payload, message.qos, bool(message.retain))
            self.messages.append(told)
            self._arrived.set()

    # ------------------------------------------------------------ what it says

    async def publish(self, topic: str, payload: bytes = b"", retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def say(self, topic: str, **fields: Any) -> None:
        body = json.dumps({"siteId": self.site, **fields}).encode()
        await self.publish(f"hermes/{topic}", body)

    async def ask(self, text: str, **fields: Any) -> None:
        await self.say("nlu/query", input=text, **fields)

    async def frame(self, level: int, ms: int = FRAME_MS, rate_hz: int = RATE_HZ) -> None:
        await self.publish(f"hermes/audioServer/{self.site}/audioFrame", wav(level, ms, rate_hz))

    async def sound(self, level: int, ms: int, rate_hz: int = RATE_HZ) -> None:
        """As a microphone sends it, only faster."""
        for _ in range(0, ms, FRAME_MS):
            await self.frame(level, FRAME_MS, rate_hz)

    async def record(self, recording: bytes, session: str = "") -> None:
        end = f"/{session}" if session else ""
        await self.publish(f"repartee/{self.site}/recording{end}", recording)

    # ------------------------------------------------------------ what it hears

    def all(self, topic: str) -> list[Message]:
        """Everything heard on this topic; + and # stand for what they stand for in MQTT."""
        pattern = aiomqtt.Wildcard(topic)
        return [m for m in self.messages if aiomqtt.Topic(m.topic).matches(pattern)]

    async def until(self, topic: str, count: int = 1, seconds: float = 10.0) -> Message:
        """The message with this number on this topic; waits until it has come."""
        async with asyncio.timeout(seconds):
            while len(found := self.all(topic)) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return found[count - 1]

    async def answer(self, count: int = 1) -> str:
        """The text of the reply with this number."""
        done = await self.until(f"repartee/{self.site}/reply/done", count)
        return str(done.body["text"])


@asynccontextmanager
async def device(port: int, site: str = "kitchen", **options: Any) -> AsyncIterator[Device]:
    async with aiomqtt.Client("127.0.0.1", port, socket_options=[NO_WAITING], **options) as client:
        it = Device(client, site)
        receiving = asyncio.create_task(it.receive())
        await client.subscribe("hermes/#", qos=1)
        await client.subscribe("repartee/#", qos=1)
        try:
            yield it
        finally:
            receiving.cancel()
            await asyncio.wait([receiving])
