"""Is it over? The words alone, and each turn model that is here, on the same recordings."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np
from tests.recordings import recording, spoken_parts
from websockets.asyncio.client import connect

from benchmarks.report import spread
from repartee.engines.build import WORDS_ALONE
from repartee.engines.turn.smart_turn import SmartTurn
from repartee.errors import EngineMissing
from repartee.settings import Settings
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Talker

RECORDINGS = ("q1_weather.wav", "q2_timer.wav", "q3_midpause.wav")
"""The last one pauses in the middle of its sentence."""
_QUIET = np.zeros(RATE * 3, np.int16)


def measure_turn_models(rounds: int) -> dict[str, Any]:
    """A model whose file is not here is told as missing: nothing is fetched for a benchmark."""
    figures: dict[str, Any] = {}
    for name in (WORDS_ALONE, SmartTurn.name):
        if name == SmartTurn.name and not asyncio.run(_is_here()):
            figures[name] = "not measured: its file is not among the models"
            continue
        with ServerProcess(TURN=name, LLM="scripted", TTS="scripted") as server:
            figures[name] = asyncio.run(_judged(server, rounds))
    return figures


async def _is_here() -> bool:
    model = SmartTurn(models_dir=Settings.load().models_dir)
    try:
        await model.open()
    except EngineMissing:
        return False
    await model.close()
    return True


async def _judged(server: ServerProcess, rounds: int) -> dict[str, Any]:
    waits: list[float] = []
    too_early = 0
    for _ in range(rounds):
        for name in RECORDINGS:
            wait = await _wait_after(server, name)
            if wait < 0:
                too_early += 1
            else:
                waits.append(wait)
    return {
        "answered in mid-sentence": f"{too_early} of {rounds * len(RECORDINGS)}",
        "speech end to turn judged over, ms": spread(waits),
    }


async def _wait_after(server: ServerProcess, name: str) -> float:
    """From the end of what is said to the final transcript, in ms; negative if it came before."""
    end = spoken_parts(name)[-1]["end"]
    async with connect(server.url, compression=None) as socket:
        talker = Talker(socket)
        receiving = asyncio.create_task(talker.receive())
        began = time.monotonic()
        samples = np.concatenate([recording(name)[: int(end * RATE)], _QUIET])
        playing = asyncio.create_task(talker.play(samples))
        final = await talker.until(lambda m: m.type == "transcript" and m.body["data"]["is_final"])
        playing.cancel()
        receiving.cancel()
    return float(final.at - began - end) * 1000
