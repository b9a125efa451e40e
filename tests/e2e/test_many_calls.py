"""Many calls at once: each is answered, each with its own words, and there are never too many."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from repartee.engines.stt.scripted import FIRST_TONE_HZ
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE

SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
CALLS = 300
TONE_STEP_HZ = 20
WORDS = [f"word{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(CALLS)]
_PIECE = RATE // 4
_PATIENCE_SECONDS = 40


def saying(number: int) -> list[bytes]:
    """A second of the tone that says this word, a quarter of it in each frame."""
    hz = FIRST_TONE_HZ + number * TONE_STEP_HZ
    tone = (8_000 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)).astype(np.int16)
    return [tone[at : at + _PIECE].tobytes() for at in range(0, RATE, _PIECE)]


async def one_call(server: ServerProcess, number: int, all_there: asyncio.Barrier) -> set[str]:
    """Every word of the list that was told on this call; it ends when its answer is complete."""
    told = []
    async with connect(server.url, compression=None, open_timeout=_PATIENCE_SECONDS) as socket:
        await socket.recv()  # the greeting
        await all_there.wait()
        await socket.send('{"type":"start"}')
        for piece in saying(number):
            await socket.send(piece)
            await asyncio.sleep(0.25)
        await socket.send('{"type":"stop"}')
        async for raw in socket:
            message: dict[str, Any] = json.loads(raw)
            if message["type"] != "audio":
                told.append(str(raw))
            if (message["type"], message.get("data")) == ("status", "complete"):
                break
    everything = " ".join(told)
    return {word for word in WORDS if word in everything}


async def all_at_once(server: ServerProcess) -> list[set[str]]:
    all_there = asyncio.Barrier(CALLS)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        calls = (one_call(server, number, all_there) for number in range(CALLS))
        return await asyncio.gather(*calls)


@pytest.mark.timeout(90)
def test_three_hundred_at_once_none_lost_and_none_crossed(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text(
        f"[stt]\nby_tone = true\ntone_step_hz = {TONE_STEP_HZ}\n"
        f'transcripts = {json.dumps(WORDS)}\n[llm]\nreplies = ["Yes."]\n'
    )
    with ServerProcess(SCRIPT=str(script), MAX_CALLS=str(CALLS), **SCRIPTED) as server:
        heard = asyncio.run(all_at_once(server))
    assert heard == [{word} for word in WORDS]


PLACES = 30


async def a_burst(server: ServerProcess) -> list[dict[str, Any]]:
    """What each of too many who come in the same moment is told first; nobody leaves meanwhile."""
    all_told = asyncio.Barrier(PLACES + 50)

    async def come() -> dict[str, Any]:
        async with connect(server.url, compression=None) as socket:
            first: dict[str, Any] = json.loads(await socket.recv())
            await all_told.wait()
            if first["type"] == "error":
                await socket.wait_closed()
                return {**first, "closed": socket.close_code}
            return first

    async with asyncio.timeout(_PATIENCE_SECONDS):
        return await asyncio.gather(*(come() for _ in range(PLACES + 50)))


def test_of_a_burst_exactly_as_many_get_in_as_there_are_places() -> None:
    with ServerProcess(MAX_CALLS=str(PLACES), **SCRIPTED) as server:
        told = asyncio.run(a_burst(server))
        admitted = [one for one in told if one["type"] == "status"]
        refused = [one for one in told if one["type"] == "error"]
        assert (len(admitted), len(refused)) == (PLACES, 50)
        sentence = f"All {PLACES} places are taken. Try again in 10 seconds."
        assert {(one["message"], one["closed"]) for one in refused} == {(sentence, 1013)}
        health = httpx.get(f"http://127.0.0.1:{server.port}/health").json()
        assert health["places"]["most"] == PLACES
