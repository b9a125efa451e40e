"""Push to talk: from letting go of the button to words and to sound, alone and with many others;
and what a busy database does to the sound of a call."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from tests.recordings.browser import timed_blobs
from websockets.asyncio.client import connect

from benchmarks.busy_server import INTERFACE
from benchmarks.callers import lateness_ms
from benchmarks.report import spread
from repartee.audio.pcm import SPEAKING_RATE_HZ
from repartee.audio.wav import wav_header
from repartee.engines.protocols import Samples
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker

RECORDING = "chromium.webm"
"""Three seconds, as a browser's recorder hands them out."""
CALLS = 50
TURNS_PER_SECOND = 1_000
_SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
_WORDS = [f"word{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(CALLS)]
_A_TONE = np.full(RATE, 8_000, np.int16)
"""What the scripted detector takes for a voice."""
_STAGGER_SECONDS = 0.01
LONG_REPLY = "This reply goes on and on, so that there is time to listen to its frames. " * 3


@asynccontextmanager
async def _calling(server: ServerProcess, path: str) -> AsyncIterator[Talker]:
    async with connect(server.socket_at(path), compression=None, max_size=None) as socket:
        talker = Talker(socket)
        receiving = asyncio.create_task(talker.receive())
        try:
            yield talker
        finally:
            receiving.cancel()


def _is_complete(message: Message) -> bool:
    return message.body.get("event") == "turn_complete"


class _Turn(msgspec.Struct):
    """In milliseconds since the button was let go, as the client sees it."""

    final: float
    sound: float
    told: str
    """Every word that was told of it."""


async def _one_turn(
    server: ServerProcess, recording: list[tuple[float, bytes]], *, last_is_late: bool = False
) -> _Turn:
    async with _calling(server, "/call") as talker:
        let_go_at = await talker.hold(recording, last_is_late=last_is_late)
        final = await talker.until(lambda message: message.type == "stt_final")
        sound = await talker.until(lambda message: message.type == "tts_audio_chunk")
        await talker.until(_is_complete)
        words = " ".join(str(message.body.get("text", "")) for message in talker.messages)
        return _Turn((final.at - let_go_at) * 1000, (sound.at - let_go_at) * 1000, words)


# ---------------------------------------------------------------- one button


async def measure_button(server: ServerProcess, rounds: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"stop to final transcript, ms": {}, "stop to first sound, ms": {}}
    for name, last_is_late in (("last blob, then stop", False), ("stop, then last blob", True)):
        turns = [
            await _one_turn(server, timed_blobs(RECORDING), last_is_late=last_is_late)
            for _ in range(rounds)
        ]
        figures["stop to final transcript, ms"][name] = spread([turn.final for turn in turns])
        figures["stop to first sound, ms"][name] = spread([turn.sound for turn in turns])
    return figures


# ---------------------------------------------------------------- many buttons at once


def _saying(number: int) -> list[tuple[float, bytes]]:
    """Three seconds of the tone that says this word, 250 ms in each blob."""
    hz = FIRST_TONE_HZ + number * TONE_STEP_HZ
    tone = (8_000 * np.sin(2 * np.pi * hz * np.arange(3 * RATE) / RATE)).astype(np.int16)
    step = RATE // 4
    blobs = [tone[at : at + step].tobytes() for at in range(0, len(tone), step)]
    blobs[0] = wav_header(RATE) + blobs[0]
    return [(0.25 * count, blob) for count, blob in enumerate(blobs, 1)]


async def measure_many_buttons(rounds: int) -> dict[str, Any]:
    """Each says a word of its own, so that a turn that met another's would be noticed."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as script:
        script.write(f"[stt]\nby_tone = true\ntranscripts = {json.dumps(_WORDS)}\n")
        script.flush()
        with ServerProcess(SCRIPT=script.name, **_SCRIPTED) as server:
            alone = [await _one_turn(server, _saying(number)) for number in range(rounds)]
            together = await _all_at_once(server)
    usual = statistics.median(turn.sound for turn in alone)
    turns = {number: turn for number, turn in together.items() if turn is not None}
    return {
        "simultaneous turns": CALLS,
        "lost": CALLS - len(turns),
        "crossed": sum(_heard(turn) != {_WORDS[number]} for number, turn in turns.items()),
        "stop to first sound alone, ms": spread([turn.sound for turn in alone], 1),
        "added to it by the others, ms": spread([t.sound - usual for t in turns.values()], 1),
    }


async def _all_at_once(server: ServerProcess) -> dict[int, _Turn | None]:
    async def turn(number: int) -> _Turn | None:
        await asyncio.sleep(number * _STAGGER_SECONDS)  # nobody presses in the very same moment
        try:
            return await _one_turn(server, _saying(number))
        except (OSError, TimeoutError):
            return None

    turns = await asyncio.gather(*map(turn, range(CALLS)))
    return dict(enumerate(turns))


def _heard(turn: _Turn) -> set[str]:
    return {word for word in _WORDS if word in turn.told}


# ---------------------------------------------------------------- a busy database


def measure_busy_store() -> dict[str, Any]:
    """One live call beside a database at rest, and beside one that is written to all the time."""
    root = str(Path(__file__).parent.parent)
    with tempfile.TemporaryDirectory() as folder:
        script, file = Path(folder, "script.toml"), Path(folder, "busy.db")
        script.write_text(f"[llm]\nreplies = [{json.dumps(LONG_REPLY)}]\n")
        settings = {**_SCRIPTED, "SCRIPT": str(script), "DATABASE_URL": f"sqlite:///{file}"}
        with ServerProcess(**settings) as server:
            at_rest = asyncio.run(frame_lateness(server))
        settings |= {"PYTHONPATH": root, "TURNS_PER_SECOND": str(TURNS_PER_SECOND)}
        with ServerProcess("benchmarks.busy_server", **settings) as server:
            before, began = _kept(file), time.monotonic()
            busy = asyncio.run(frame_lateness(server))
            per_second = (_kept(file) - before) / (time.monotonic() - began)
    if not per_second:
        raise RuntimeError("The database was to be busy, but not a turn was kept in it.")
    return {
        "turns kept per second": round(per_second),
        "lateness of audio frames, ms": {
            "database at rest": spread(at_rest, 1),
            "database busy": spread(busy, 1),
        },
    }


def _kept(file: Path) -> int:
    """How many turns of nobody's are in the database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT count(*) FROM turns JOIN sessions ON sessions.id = session_id "
            "WHERE interface = ?",
            (INTERFACE,),
        )
        return int(found.fetchone()[0])


async def frame_lateness(server: ServerProcess, question: Samples = _A_TONE) -> list[float]:
    """Of each frame of a spoken reply, compared with the most punctual one."""
    async with _calling(server, "/ws") as talker:
        await talker.play(question)
        await talker.play(np.zeros(2 * RATE, np.int16), speed=4)
        await talker.until(lambda message: message.is_status("complete"), seconds=60)
        frames = [message for message in talker.messages if message.type == "audio"]
    return lateness_ms([(frame.at, len(frame.samples()) / SPEAKING_RATE_HZ) for frame in frames])
