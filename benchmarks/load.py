"""What calls cost: processor time and memory per call, with scripted engines and the real ear."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import numpy.typing as npt
from tests.recordings import recording
from websockets.asyncio.client import connect

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Talker

_MILLI = 1000


@contextlib.asynccontextmanager
async def _calls(server: ServerProcess, count: int) -> AsyncIterator[list[Talker]]:
    async with contextlib.AsyncExitStack() as stack:
        talkers = []
        for _ in range(count):
            socket = await stack.enter_async_context(connect(server.url, compression=None))
            talker = Talker(socket)
            receiving = asyncio.create_task(talker.receive())
            stack.callback(receiving.cancel)
            talkers.append(talker)
        yield talkers


async def _cpu_ms_per_second(
    server: ServerProcess, count: int, sound: npt.NDArray[np.int16]
) -> float:
    async with _calls(server, count) as talkers:
        before, began = server.cpu_seconds(), time.monotonic()
        await asyncio.gather(*(talker.play(sound) for talker in talkers))
        used, passed = server.cpu_seconds() - before, time.monotonic() - began
    return used / passed / count * _MILLI


def _room_noise(seconds: float) -> npt.NDArray[np.int16]:
    """A quiet room: about -55 dBFS, which no level gate may take for silence."""
    noise = np.random.default_rng(7).normal(0, 58, int(seconds * RATE))
    return noise.astype(np.int16)


async def measure_load(server: ServerProcess, calls: int) -> dict[str, Any]:
    quiet_before = server.resident_mb()
    async with _calls(server, calls) as talkers:
        await asyncio.gather(*(talker.play(_room_noise(1)) for talker in talkers))
        per_call_mb = (server.resident_mb() - quiet_before) / calls
    question = recording("q1_weather.wav")
    return {
        "simultaneous calls": calls,
        "memory per call, MB": round(per_call_mb, 2),
        "CPU per second of a call, ms": {
            "connected, sending nothing": round(await _idle_ms(server, calls), 2),
            "hearing digital silence": round(
                await _cpu_ms_per_second(server, calls, np.zeros(RATE * 5, np.int16)), 2
            ),
            "hearing a quiet room": round(
                await _cpu_ms_per_second(server, calls, _room_noise(5)), 2
            ),
            "talking and being answered": round(
                await _cpu_ms_per_second(server, calls, np.tile(question, 2)), 2
            ),
        },
    }


async def _idle_ms(server: ServerProcess, count: int) -> float:
    async with _calls(server, count):
        before, began = server.cpu_seconds(), time.monotonic()
        await asyncio.sleep(3)
        return (server.cpu_seconds() - before) / (time.monotonic() - began) / count * _MILLI
