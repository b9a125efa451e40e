"""One question on every interface that answers what is said, so that a rule can hold for all.

Each asks as an application would, with a persona or another wish beside the question, and gives
back the error if there is one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx

from repartee.audio.wav import wav_bytes
from repartee.calls.clock import wall_time
from repartee.dialects.call import CallDialect
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.server.house import House
from repartee.server.pump import Connection
from repartee.server.voice_socket import VoiceSocket
from tests.calls.visiting import said
from tests.server.event_stream import listening
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import asking

WAV = wav_bytes(said(), LISTENING_RATE_HZ)
WAV_BASE64 = base64.b64encode(WAV).decode()

Ask = Callable[..., Awaitable[str | None]]
"""Asks with these wishes; the sentence of the error, or None for an answer."""


@asynccontextmanager
async def served(end: Callable[[FakeSocket], Any]) -> Any:
    """A socket with this at its other end, until it is left."""
    with FakeSocket() as socket:
        over = anyio.Event()

        async def serve() -> None:
            await end(socket).run()
            over.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            yield socket
            socket.leave()
            await over.wait()


async def first_of(socket: FakeSocket, *types: str) -> dict[str, Any]:
    return await socket.until(lambda frame: frame["type"] in types)


async def next_of(socket: FakeSocket, kind: str) -> dict[str, Any]:
    """The first of this type that comes from now on."""
    so_far = len(socket.frames)
    return await socket.until(
        lambda frame: frame["type"] == kind and frame in socket.frames[so_far:]
    )


async def by_query_of_ws(house: House, **wishes: str) -> str | None:
    return await _by_query(house, WsDialect(), "audio", **wishes)


async def by_query_of_call(house: House, **wishes: str) -> str | None:
    return await _by_query(house, CallDialect(wall_time), "tts_audio_chunk", **wishes)


async def _by_query(house: House, dialect: Dialect, sound: str, **wishes: str) -> str | None:
    async with served(
        lambda socket: Connection(socket.server_end, dialect, house, wishes)
    ) as socket:
        greeting = await first_of(socket, "status", "session_id")
        assert greeting["session_id"]
        if any(frame["type"] == "error" for frame in socket.frames):
            return str((await first_of(socket, "error"))["message"])
        socket.say(type="start")
        socket.say_raw(WAV)
        socket.say(type="stop")
        return await _outcome(socket, sound)


async def by_config_of_ws(house: House, **wishes: Any) -> str | None:
    async with served(lambda socket: Connection(socket.server_end, WsDialect(), house)) as socket:
        if "speed" in wishes:
            wishes["speed"] = float(wishes["speed"])
        socket.say(type="config", **wishes)
        socket.say(type="chat", message="What time is it?")
        return await _outcome(socket, "response_complete")


async def _outcome(socket: FakeSocket, answered_by: str) -> str | None:
    frame = await first_of(socket, "error", answered_by)
    return str(frame["message"]) if frame["type"] == "error" else None


async def by_field_of_upload(house: House, **wishes: str) -> str | None:
    return await _uploaded(house, data=wishes)


async def by_query_of_upload(house: House, **wishes: str) -> str | None:
    return await _uploaded(house, params=wishes)


async def _uploaded(house: House, **where: Any) -> str | None:
    async with asking(house) as client:
        files = {"audio": ("a.wav", WAV)}
        response = await client.post("/upload", files=files, **where)
    if response.status_code != 200:
        return error_in(response)
    async with listening(house, f"/stream/{response.json()['session_id']}") as stream:
        await stream.until("done")
    return None


async def by_field_of_message(house: House, **wishes: str) -> str | None:
    async with asking(house) as client:
        body = {"audio_base64": WAV_BASE64, **wishes}
        return error_in(await client.post("/api/voice/message", json=body))


async def by_query_of_message(house: House, **wishes: str) -> str | None:
    async with asking(house) as client:
        body = {"audio_base64": WAV_BASE64}
        return error_in(await client.post("/api/voice/message", json=body, params=wishes))


async def by_message_of_voice_socket(house: House, **wishes: Any) -> str | None:
    async with served(lambda socket: VoiceSocket(socket.server_end, house)) as socket:
        socket.say(type="voice_message", audio_base64=WAV_BASE64, **wishes)
        return await _outcome(socket, "audio")


async def by_query_of_messages(house: House, **wishes: str) -> str | None:
    return await _sent(house, wishes, {})


async def by_field_of_messages(house: House, **wishes: str) -> str | None:
    language = {"language": wishes.pop("language")} if "language" in wishes else {}
    return await _sent(house, language, wishes)


async def _sent(house: House, query: dict[str, str], form: dict[str, str]) -> str | None:
    async with asking(house) as client:
        response = await client.post(
            "/api/messages/voice",
            params={"conversation_id": "kitchen", "user_id": "ada", **query},
            files={"file": ("a.wav", WAV)},
            data=form,
        )
    return error_in(response)


def error_in(response: httpx.Response) -> str | None:
    if response.status_code == 200:
        return None
    assert response.status_code == 422, response.text
    return str(json.loads(response.text)["error"])


EVERY_INTERFACE: dict[str, Ask] = {
    "/ws?persona=": by_query_of_ws,
    "/ws config": by_config_of_ws,
    "/call?persona=": by_query_of_call,
    "/upload field": by_field_of_upload,
    "/upload query": by_query_of_upload,
    "/api/voice/message field": by_field_of_message,
    "/api/voice/message query": by_query_of_message,
    "/api/voice/ws/chat": by_message_of_voice_socket,
    "/api/messages/voice query": by_query_of_messages,
    "/api/messages/voice form": by_field_of_messages,
}
