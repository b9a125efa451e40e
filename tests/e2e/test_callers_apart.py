"""Many who talk to a real server at once: each hears of its own words and of no others."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from repartee.audio.wav import wav_bytes
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker
from tests.e2e.conftest import Dial
from tests.e2e.holding import in_blobs, is_complete, of_type

pytestmark = pytest.mark.timeout(120)

CALLS = 16
TURNS = 3
WORDS = [f"word{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(CALLS * TURNS)]
"""Each belongs to one turn of one call, and is said by a tone of its own."""

SCRIPT = f"""
[stt]
by_tone = true
word_ms = 100
settle_ms = 20
transcripts = {json.dumps(WORDS)}

[llm]
replies = ["So far {{history}}, and now {{last_user}}."]
first_token_ms = 10
token_ms = 2

[tts]
letter_ms = 2
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder: Path = tmp_path_factory.mktemp("many")
    (folder / "script.toml").write_text(SCRIPT)
    engines = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
    database = f"sqlite:///{folder / 'many.db'}"
    with ServerProcess(
        **engines, SCRIPT=str(folder / "script.toml"), DATABASE_URL=database
    ) as server:
        yield server


def saying(word: str) -> npt.NDArray[np.int16]:
    hz = FIRST_TONE_HZ + TONE_STEP_HZ * WORDS.index(word)
    tone = 8_000 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)
    return tone.astype(np.int16)


async def press_and_say(talker: Talker, words: Sequence[str]) -> None:
    for word in words:
        since = len(talker.messages)
        await talker.hold(in_blobs(saying(word)), speed=4)
        await talker.until(is_complete, since)


async def just_say(talker: Talker, words: Sequence[str]) -> None:
    for word in words:
        since = len(talker.messages)
        await talker.play(np.concatenate([saying(word), np.zeros(RATE, np.int16)]), speed=4)
        await talker.until(lambda message: message.is_status("complete"), since)


def written(message: Message) -> str:
    """All of a message but its sound."""
    sounds = {"audio"} if message.type == "tts_audio_chunk" else set()
    if message.type == "audio":
        return ""
    return json.dumps({key: value for key, value in message.body.items() if key not in sounds})


class TestManyCallers:
    def test_each_hears_of_its_own_words_and_of_no_others(
        self, many: ServerProcess, dial: Dial
    ) -> None:
        own = [WORDS[call * TURNS : (call + 1) * TURNS] for call in range(CALLS)]

        async def call(number: int) -> Talker:
            path, speak = [("/call", press_and_say), ("/ws", just_say)][number % 2]
            async with dial(many, path) as talker:
                await speak(talker, own[number])
                return talker

        async def all_calls() -> list[Talker]:
            return await asyncio.gather(*(call(number) for number in range(CALLS)))

        for words, talker in zip(own, asyncio.run(all_calls()), strict=True):
            told = " ".join(map(written, talker.messages))
            assert [word for word in WORDS if word in told] == words
            session = talker.messages[0].body["session_id"]
            turns = get(many, f"/sessions/{session}/turns")
            assert [turn["user_text"] for turn in turns] == words
            kept = json.dumps(turns)
            assert [word for word in WORDS if word in kept] == words
            assert {turn["session_id"] for turn in turns} == {session}

    def test_sounds_that_met_would_be_noticed(self, many: ServerProcess, dial: Dial) -> None:
        """That the test above can fail: a recording of two tones says neither word."""

        async def call() -> str:
            async with dial(many, "/call") as talker:
                both = np.concatenate([saying(WORDS[0]), saying(WORDS[20])])
                await talker.hold([(0.1, wav_bytes(both, RATE))])
                await talker.until(is_complete)
                return str(of_type(talker, "stt_final")[0]["text"])

        assert asyncio.run(call()) not in (WORDS[0], WORDS[20])


def get(server: ServerProcess, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
        return json.loads(answer.read())
