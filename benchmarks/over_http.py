"""Voice over plain HTTP: one request at a time, and twenty at once beside a live call."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count, cycle, islice
from typing import Any

import httpx
from tests.recordings import recording
from tests.recordings.browser import timed_blobs

from benchmarks.calls import RECORDING, frame_lateness
from benchmarks.gap import QUESTIONS, one_question
from benchmarks.report import spread
from repartee.audio.wav import wav_bytes
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE

CLIENTS = 20
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_Request = Callable[[httpx.AsyncClient], Awaitable[object]]


def _ten_words(number: int) -> str:
    """A sentence that was never spoken before."""
    digits = [_NUMBERS[int(digit)] for digit in f"{number % 10_000:04}"]
    return f"The train to platform {' '.join(digits)} leaves now."


_QUESTION = recording("q1_weather.wav")
_THREE_SECONDS = wav_bytes(_QUESTION[: 3 * RATE], RATE)
_MESSAGE = {"audio_base64": base64.b64encode(_THREE_SECONDS).decode()}
_UPLOAD = b"".join(blob for _, blob in timed_blobs(RECORDING))
_sentence = count()
_visitor = count()


async def _say(client: httpx.AsyncClient) -> None:
    await _post(client, "/api/voice/synthesize", json={"text": _ten_words(next(_sentence))})


async def _say_the_same(client: httpx.AsyncClient) -> None:
    await _post(client, "/api/voice/synthesize", json={"text": "Nobody says this more than once."})


async def _transcribe(client: httpx.AsyncClient) -> None:
    file = {"file": ("three-seconds.wav", _THREE_SECONDS)}
    await _post(client, "/api/voice/transcribe", files=file)


async def _message(client: httpx.AsyncClient) -> None:
    await _post(client, "/api/voice/message", json=_MESSAGE)


async def _post(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    return (await client.post(path, **body)).raise_for_status()


async def _to_first_chunk(client: httpx.AsyncClient) -> float:
    """From asking for the stream of an upload to its first sound, in ms; it is heard to its end."""
    whose = {"conversation_id": f"visitor-{next(_visitor)}"}  # clients share their cookies
    answer = await _post(client, "/upload", content=_UPLOAD, params=whose)
    first = math.nan
    began = time.monotonic()
    async with client.stream("GET", f"/stream/{answer.json()['session_id']}") as stream:
        async for line in stream.aiter_lines():
            is_sound = line.startswith("data:") and json.loads(line[5:])["type"] == "chunk"
            if is_sound and math.isnan(first):
                first = (time.monotonic() - began) * 1000
    if math.isnan(first):
        raise RuntimeError("The stream ended without a sound.")
    return first


_CROWD: tuple[_Request, ...] = (_say, _transcribe, _message, _to_first_chunk)


async def measure_http(server: ServerProcess, rounds: int) -> dict[str, Any]:
    """`server` is to have its cache of what was spoken."""
    async with _client(address(server)) as client:
        await _say_the_same(client)
        return {
            "stream to first chunk, ms": spread(
                [await _to_first_chunk(client) for _ in range(rounds)]
            ),
            "ten words spoken, ms": spread(await _times(client, _say, rounds), 1),
            "ten words spoken again, ms": spread(await _times(client, _say_the_same, rounds), 1),
            "three seconds transcribed, ms": spread(await _times(client, _transcribe, rounds)),
        }


async def measure_http_beside_a_call(server: ServerProcess, rounds: int) -> dict[str, Any]:
    """What a call hears, its gap and how punctual its sound is, with and without twenty others."""
    gaps: dict[str, list[float]] = {"alone": [], "beside requests": []}
    late: dict[str, list[float]] = {"alone": [], "beside requests": []}
    heard: dict[str, dict[str, set[str]]] = {"alone": {}, "beside requests": {}}
    answered: list[int] = []

    async def ask(when: str, question: str) -> None:
        asked = await one_question(server, question)
        gaps[when].append(asked.gap_ms)
        heard[when].setdefault(question, set()).add(asked.heard)

    for turn in range(rounds):  # in turn, so that both meet the same machine
        question = QUESTIONS[turn % len(QUESTIONS)]
        await ask("alone", question)
        late["alone"] += await frame_lateness(server, _QUESTION)
        async with _requests_at_once(server) as done:
            await ask("beside requests", question)
            late["beside requests"] += await frame_lateness(server, _QUESTION)
        answered.append(done())
    return {
        "clients": CLIENTS,
        "requests answered meanwhile": sum(answered),
        "questions heard otherwise than alone": sum(
            len(heard["beside requests"][question] - alone)
            for question, alone in heard["alone"].items()
        ),
        "speech end to first audible sound, ms": {k: spread(v) for k, v in gaps.items()},
        "lateness of audio frames, ms": {k: spread(v, 1) for k, v in late.items()},
    }


@asynccontextmanager
async def _requests_at_once(server: ServerProcess) -> AsyncIterator[Callable[[], int]]:
    """Clients in a process of their own, which leaves the machine to the server."""
    clients = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.over_http", address(server)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert clients.stdin is not None
    assert clients.stdout is not None
    answered = 0
    await clients.stdout.readline()
    try:
        yield lambda: answered
    finally:
        clients.stdin.close()
        answered = int(await clients.stdout.readline())
        await clients.wait()


async def _keep_asking(url: str) -> None:
    """Until nobody listens any more: some clients have something said, some something heard, and
    some an answer, in one piece or as a stream, one request after another."""
    answered = 0

    async def ask_again_and_again(client: httpx.AsyncClient, request: _Request) -> None:
        nonlocal answered
        while True:
            await request(client)
            answered += 1

    os.nice(19)
    async with _client(url) as client:
        asking = [
            asyncio.create_task(ask_again_and_again(client, request))
            for request in islice(cycle(_CROWD), CLIENTS)
        ]
        print("asking", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in asking:
            if task.done():
                task.result()
            task.cancel()
    print(answered)


async def _times(client: httpx.AsyncClient, request: _Request, rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        await request(client)
        times.append((time.monotonic() - began) * 1000)
    return times


def address(server: ServerProcess) -> str:
    return f"http://127.0.0.1:{server.port}"


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=CLIENTS)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=60)


if __name__ == "__main__":
    asyncio.run(_keep_asking(sys.argv[1]))
