"""Sound without words, into a button on a real server: whoever made it is asked to repeat it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Talker
from tests.e2e.conftest import Dial
from tests.e2e.holding import in_blobs, is_complete, of_type
from tests.recordings import recording

pytestmark = pytest.mark.timeout(120)

_TIME = np.arange(2 * RATE) / RATE
NOISES = {
    "digital silence": np.zeros(2 * RATE),
    "white noise": np.random.default_rng(1).normal(0, 2_000, 2 * RATE),
    "loud white noise": np.random.default_rng(2).normal(0, 8_000, 2 * RATE),
    "a quiet room": np.random.default_rng(3).normal(0, 40, 2 * RATE),
    "a hum": 4_000 * np.sin(2 * np.pi * 120 * _TIME),
    "a loud hum": 12_000 * np.sin(2 * np.pi * 60 * _TIME),
    "a whistle": 8_000 * np.sin(2 * np.pi * 2_000 * _TIME),
    "a click": np.where(np.arange(2 * RATE) == RATE, 30_000, 0),
    "clipping": np.where(np.sin(2 * np.pi * 200 * _TIME) > 0, 32_767, -32_768),
}


@pytest.mark.engines
class TestSoundWithoutWords:
    @pytest.mark.parametrize("kind", NOISES)
    def test_it_is_answered_with_the_request_to_repeat(
        self, kind: str, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                await talker.hold(in_blobs(NOISES[kind].astype(np.int16)), speed=4)
                await talker.until(is_complete)
                return talker

        talker = asyncio.run(call())
        assert of_type(talker, "assistant_text")[-1]["full_text"] == LOW_CONFIDENCE_SENTENCE
        events = [event["event"] for event in of_type(talker, "trace_event")]
        assert [event for event in events if event.startswith("llm")] == []
        assert len(of_type(talker, "tts_audio_chunk")) >= 1

    @pytest.mark.parametrize("loudness", [0.02, 0.005, 0.001])
    def test_a_very_quiet_voice_is_understood_or_asked_to_repeat(
        self, loudness: float, embedded: ServerProcess, dial: Dial
    ) -> None:
        voice = (recording("q1_weather.wav")[RATE // 2 : 4 * RATE] * loudness).astype(np.int16)

        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                await talker.hold(in_blobs(voice), speed=4)
                await talker.until(is_complete)
                return talker

        talker = asyncio.run(call())
        (final,) = of_type(talker, "stt_final")
        understood = "weather" in final["text"]
        answer = of_type(talker, "assistant_text")[-1]["full_text"]
        assert understood or answer == LOW_CONFIDENCE_SENTENCE

    def test_nothing_at_all_is_said_to_be_nothing(
        self, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> str:
            async with dial(embedded, "/call") as talker:
                await talker.send(type="start")
                await talker.send(type="stop")
                error = await talker.until(lambda message: message.type == "error")
                return str(error.body["message"])

        assert asyncio.run(call()).startswith("No audio received.")
