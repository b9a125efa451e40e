"""The gap: from the end of speech to the first sound, and from interrupt to silence."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import numpy as np
from tests.recordings import recording, spoken_parts
from websockets.asyncio.client import connect

from benchmarks.report import spread
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker

QUESTIONS = ("q1_weather.wav", "q2_timer.wav")
_QUIET = np.zeros(RATE * 3, np.int16)
STAGES = {
    "transcript final": "stt_done_ms",
    "turn judged over": "decided_ms",
    "first token": "llm_first_token_ms",
    "first unit synthesised": "tts_first_chunk_ms",
    "first sound sent": "first_sound_sent_ms",
}


class Asked(msgspec.Struct, frozen=True):
    gap_ms: float
    silence_ms: float
    """From interrupt to the last sound."""
    heard: str


async def one_question(server: ServerProcess, name: str) -> Asked:
    """Ask on a fresh call, and interrupt the answer."""
    speech_end = spoken_parts(name)[0]["end"]
    samples = np.concatenate([recording(name)[: int(speech_end * RATE)], _QUIET])
    async with connect(server.url, compression=None) as socket:
        talker = Talker(socket)
        receiving = asyncio.create_task(talker.receive())
        began = time.monotonic()
        playing = asyncio.create_task(talker.play(samples))
        heard = await talker.until(lambda message: message.audible_at() is not None)
        await asyncio.sleep(0.3)
        since = len(talker.messages)
        asked_at = await talker.send(type="interrupt")
        await talker.until(lambda message: message.is_status("interrupted"), since)
        await asyncio.sleep(0.2)
        last_sound = max((m.at for m in talker.messages[since:] if m.type == "audio"), default=0.0)
        playing.cancel()
        receiving.cancel()
    audible_at = heard.audible_at()
    assert audible_at is not None
    finals = [m.body["data"]["text"] for m in talker.messages if _is_final(m)]
    return Asked(
        gap_ms=(audible_at - (began + speech_end)) * 1000,
        silence_ms=max(last_sound - asked_at, 0.0) * 1000,
        heard=" ".join(finals),
    )


def _is_final(message: Message) -> bool:
    return message.type == "transcript" and bool(message.body["data"]["is_final"])


async def measure_gap(server: ServerProcess, rounds: int) -> dict[str, Any]:
    gaps, silences = [], []
    for turn in range(rounds):
        asked = await one_question(server, QUESTIONS[turn % len(QUESTIONS)])
        gaps.append(asked.gap_ms)
        silences.append(asked.silence_ms)
    turns = server.turns()[-rounds:]
    parts = {name: spread([t[key] for t in turns if key in t]) for name, key in STAGES.items()}
    return {
        "speech end to first audible sound, ms": spread(gaps),
        "of it, since speech end, ms": parts,
        "interrupt to last sound, ms": spread(silences),
    }


async def measure_duck(server: ServerProcess, rounds: int) -> dict[str, Any]:
    """A voice over a steady tone: when does the tone become quieter, and when is it silent?"""
    speech = recording("barge_in.wav")[int(6.88 * RATE) : int(8.16 * RATE)]
    delays, silences = [], []
    for _ in range(rounds):
        async with connect(server.url, compression=None) as socket:
            talker = Talker(socket)
            receiving = asyncio.create_task(talker.receive())
            await talker.play(recording("q1_weather.wav")[RATE:])
            await talker.until(lambda message: message.audible_at() is not None)
            since = len(talker.messages)
            level = max(_level(m) for m in talker.messages if m.type == "audio")
            onset = await talker.play(np.concatenate([speech, _QUIET[:RATE]]))
            ducked = await talker.until(
                lambda m, loud=level: _is_lowered(m, loud),  # type: ignore[misc]
                since,
            )
            silent = await talker.until(lambda m: m.is_status("interrupted"), since)
            delays.append((ducked.at - onset) * 1000)
            silences.append((silent.at - onset) * 1000)
            receiving.cancel()
    return {
        "speech onset to ducked sound, ms": spread(delays),
        "speech onset to silence, ms": spread(silences),
    }


def _is_lowered(message: Message, loud: float) -> bool:
    """Quieter than before, or silent because it was clear at once what the voice wanted."""
    if message.type == "audio":
        return _level(message) < 0.6 * loud
    return message.is_status("interrupted")


def _level(message: Message) -> float:
    return float(np.sqrt(np.mean(np.square(message.samples().astype(np.float64)))))
