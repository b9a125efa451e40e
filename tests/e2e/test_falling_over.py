"""The network goes in the middle of a call, and the call goes on."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.testing.server_process import ServerProcess
from repartee.testing.standins.deepgram import DeepgramStandIn
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.server import StandIn
from repartee.testing.standins.wire import Trouble
from repartee.testing.talker import RATE, Message, Talker
from tests.e2e.conftest import Dial
from tests.recordings import recording, spoken_parts

pytestmark = pytest.mark.timeout(120)

SCRIPT = """
[stt]
transcripts = ["How far away is the moon?"]
[llm]
replies = ["Here at home I heard: {last_user}"]
[tts]
letter_ms = 5
"""
DEADLINE_MS = 600
SCRIPTED = ("scripted", "scripted", "scripted")
EMBEDDED = ("pocketsphinx", "llamacpp", "espeak")
"""What hears, thinks and speaks when nobody else does."""
SILENCE = np.zeros(RATE // 10, np.int16)
HASTE = 3.0
"""Speech is sent so much faster than it was spoken; the silence after it takes its time."""
CLOUD_STT = "What is the weather like in Paris today?"


class Cloud:
    """Everything that is elsewhere: a recogniser, a model and a voice."""

    def __init__(self, deepgram: DeepgramStandIn, openai: StandIn, there: AsyncExitStack) -> None:
        self.deepgram = deepgram
        self.openai = openai
        self._there = there

    async def goes(self) -> None:
        """Every connection breaks, and nobody can be reached any more."""
        self.deepgram.cut()
        await self._there.aclose()

    async def falls_silent(self) -> None:
        """Connections stand, but nothing comes back on them."""
        self.deepgram.hang = True
        self.openai.usual = Trouble(hang_after=-1)


@asynccontextmanager
async def cloud() -> AsyncIterator[Cloud]:
    async with AsyncExitStack() as there:
        ear_and_voice = DeepgramStandIn(transcripts=[CLOUD_STT], letter_ms=5)
        deepgram = await there.enter_async_context(ear_and_voice)
        openai = await there.enter_async_context(StandIn(OpenAIWire()))
        yield Cloud(deepgram, openai, there)


@asynccontextmanager
async def server(
    elsewhere: Cloud, here: tuple[str, str, str], script: Path
) -> AsyncIterator[ServerProcess]:
    ear, model, voice = here
    process = ServerProcess(
        STT=f"deepgram,{ear}",
        LLM=f"openai,{model}",
        TTS=f"deepgram,{voice}",
        SCRIPT=str(script),
        DEEPGRAM_API_KEY=elsewhere.deepgram.key,
        DEEPGRAM_BASE_URL=elsewhere.deepgram.url,
        OPENAI_BASE_URL=f"{elsewhere.openai.url}/v1",
        STT_DEADLINE_MS=str(DEADLINE_MS),
        LLM_DEADLINE_MS=str(DEADLINE_MS),
        TTS_DEADLINE_MS=str(DEADLINE_MS),
        CHAIN_FAILURES="1",
        MAX_NEW_TOKENS="6" if here == EMBEDDED else "60",
    )
    await asyncio.to_thread(process.__enter__)
    try:
        yield process
    finally:
        await asyncio.to_thread(process.__exit__, None, None, None)


def question() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    spoken = spoken_parts("q1_weather.wav")[0]
    start, end = int((spoken["start"] - 0.3) * RATE), int(spoken["end"] * RATE)
    return recording("q1_weather.wav")[start:end]


def heard(messages: list[Message]) -> str:
    finals = [m.body["data"] for m in messages if m.type == "transcript"]
    return next((str(told["text"]) for told in finals if told["is_final"]), "")


def reply(messages: list[Message]) -> str:
    return "".join(m.body["data"] for m in messages if m.type == "text_chunk").strip()


def switches(messages: list[Message]) -> set[tuple[str, str, str]]:
    traced = [m.body["switch"] for m in messages if m.body.get("event") == "engine_switched"]
    return {(switch["kind"], switch["from"], switch["to"]) for switch in traced}


async def engines_of(process: ServerProcess) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/health") as answer:
            health: dict[str, Any] = json.load(answer)
            return health

    engines: dict[str, Any] = (await asyncio.to_thread(ask))["engines"]
    return engines


async def ask_aloud(talker: Talker, trouble: Any = None) -> tuple[list[Message], float]:
    """Everything that comes of a question, and the silence after it; trouble comes in its midst."""
    since, sound = len(talker.messages), question()
    await talker.play(sound[: len(sound) // 2], HASTE)
    if trouble is not None:
        await trouble()
    await talker.play(sound[len(sound) // 2 :], HASTE)
    fell_silent_at = time.monotonic()
    async with asyncio.timeout(30):
        while not any(message.is_status("complete") for message in talker.messages[since:]):
            await talker.play(SILENCE)
    messages = talker.messages[since:]
    audible = [at for m in messages if (at := m.audible_at()) is not None]
    return messages, audible[0] - fell_silent_at


@pytest.mark.parametrize(
    ("how", "here"),
    [
        pytest.param("goes", EMBEDDED, marks=pytest.mark.engines, id="goes"),
        pytest.param("falls_silent", SCRIPTED, id="falls_silent"),
    ],
)
def test_when_the_network_goes_the_conversation_goes_on(
    how: str, here: tuple[str, str, str], dial: Dial, tmp_path: Path
) -> None:
    script = tmp_path / "script.toml"
    script.write_text(SCRIPT)
    ear, model, voice = here
    kinds = ("stt", "llm", "tts")

    async def call() -> None:
        async with (
            cloud() as elsewhere,
            server(elsewhere, here, script) as process,
            dial(process) as talker,
        ):
            await talker.send(type="config", trace=True)
            before, _ = await ask_aloud(talker)
            assert reply(before) == f"You said: {CLOUD_STT}"
            assert switches(before) == set()

            during, gap = await ask_aloud(talker, getattr(elsewhere, how))
            assert_answered_by(here, during)
            assert switches(during) == {
                ("stt", "deepgram", ear),
                ("llm", "openai", model),
                ("tts", "deepgram", voice),
            }
            thinking_s = 3.0 if here == SCRIPTED else 10.0
            assert gap < 3 * DEADLINE_MS / 1000 + thinking_s, "each costs one deadline at most"

            after, _ = await ask_aloud(talker)
            assert_answered_by(here, after)
            assert not [m for m in talker.messages if m.type == "error"]
            engines = await engines_of(process)
            assert tuple(engines[kind]["serving"] for kind in kinds) == here
            assert all(engines[kind]["chain"][0]["why"] for kind in kinds)

    asyncio.run(call())


def assert_answered_by(here: tuple[str, str, str], messages: list[Message]) -> None:
    """The embedded model says what it likes, of what the embedded ear has understood."""
    if here == SCRIPTED:
        assert reply(messages) == "Here at home I heard: How far away is the moon?"
    else:
        assert "weather" in heard(messages)
        assert len(reply(messages)) > 5
