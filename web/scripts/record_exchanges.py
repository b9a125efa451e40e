"""Records what a real server says on `/ws`, for the tests of the page: `tests/exchanges/*.json`.

Run it with the Python that Repartee is installed in, from the folder `web`. Sound is kept as its
length only: an exchange is read by people, and the reducer never listens.
"""

from __future__ import annotations

import asyncio
import base64
import json
import tempfile
import time
import wave
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import connect

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker

HERE = Path(__file__).parent.parent
RECORDINGS = HERE.parent / "tests" / "recordings"
EXCHANGES = HERE / "tests" / "exchanges"

SCRIPT = """
[stt]
transcripts = ["What is the weather like today?", "Stop, that is enough."]
[llm]
replies = ["It is mild today, with a little wind from the west. Take a light coat with you."]
"""
QUIET = np.zeros(2 * RATE, np.int16)


def recording(name: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(str(RECORDINGS / f"{name}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


async def spoken(caller: Talker) -> None:
    await caller.play(np.concatenate([recording("q1_weather"), QUIET]))
    await caller.until(lambda message: message.is_status("complete"))


async def barge_in(caller: Talker) -> None:
    question = recording("q1_weather")
    await caller.play(np.concatenate([question, QUIET[:RATE]]))
    await caller.until(lambda message: message.type == "audio")
    await caller.play(np.concatenate([question, QUIET]))
    await caller.until(lambda message: message.is_status("interrupted"))
    await caller.until(lambda message: message.is_status("complete"))


async def typed(caller: Talker) -> None:
    await caller.send(type="chat", message="What is the weather like today?")
    await caller.until(lambda message: message.type == "response_complete")


async def typed_twice(caller: Talker) -> None:
    await caller.send(type="chat", message="What is the weather like today?")
    await caller.until(lambda message: message.type == "chunk")
    await caller.send(type="chat", message="And tomorrow?")
    await caller.until(lambda message: message.type == "response_complete")


async def traced(caller: Talker) -> None:
    await caller.send(type="config", trace=True)
    await spoken(caller)
    await until_traced(caller, "turn_complete")
    await typed(caller)
    await until_traced(caller, "turn_complete", since=len(caller.messages) - 1)


async def traced_barge_in(caller: Talker) -> None:
    await caller.send(type="config", trace=True)
    await barge_in(caller)
    await until_traced(caller, "turn_complete")


async def held(caller: Talker) -> None:
    await caller.send(type="config", trace=True)
    await caller.send(type="start")
    await caller.play(recording("q1_weather"))
    await caller.send(type="stop")
    await caller.until(lambda message: message.is_status("complete"))


async def until_traced(caller: Talker, event: str, since: int = 0) -> None:
    await caller.until(lambda message: message.body.get("event") == event, since)


async def mistakes(caller: Talker) -> None:
    await caller.send_raw("{")
    await caller.send(type="config", persona="nobody")
    await caller.send(type="chat", message="")
    await caller.until(lambda message: message.type == "error")
    await caller.send(type="ping")
    await caller.until(lambda message: message.type == "pong")


def plain(message: Message, began: float) -> dict[str, Any]:
    body = message.body
    ms = 0.0
    if body["type"] == "audio":
        ms = len(base64.b64decode(body["data"])) / 48
        body = {**body, "data": "AAA="}
    elif body["type"] == "chunk" and body["data"]["type"] == "audio":
        with wave.open(BytesIO(base64.b64decode(body["data"]["data"]))) as file:
            ms = file.getnframes() / file.getframerate() * 1000
        body = {**body, "data": {**body["data"], "data": "AAA="}}
    noted = {"at": round((message.at - began) * 1000), "frame": body}
    return {**noted, "soundMs": round(ms, 2)} if ms else noted


async def record(
    server: ServerProcess, name: str, scene: Callable[[Talker], Awaitable[None]]
) -> None:
    async with connect(server.url, compression=None, max_size=None) as socket:
        caller = Talker(socket)
        began = time.monotonic()
        receiving = asyncio.create_task(caller.receive())
        await scene(caller)
        receiving.cancel()
    lines = [json.dumps(plain(message, began)) for message in caller.messages]
    (EXCHANGES / f"{name}.json").write_text("[\n  " + ",\n  ".join(lines) + "\n]\n")


async def main() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as script:
        script.write(SCRIPT)
        script.flush()
        engines = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted", "SCRIPT": script.name}
        with ServerProcess(**engines) as server:
            for scene in (spoken, barge_in, typed, typed_twice, held, traced_barge_in, mistakes):
                await record(server, scene.__name__, scene)
    with ServerProcess() as server:
        await record(server, "embedded", spoken)
        await record(server, "traced", traced)


asyncio.run(main())
