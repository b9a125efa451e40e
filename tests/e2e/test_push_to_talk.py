"""A button held on a real server: browsers' recordings, many callers, and sound without words."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import urllib.request
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from repartee.audio.wav import wav_bytes, wav_header
from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ
from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker
from tests.e2e.conftest import Dial
from tests.recordings import recording
from tests.recordings.browser import NAMES, timed_blobs

pytestmark = pytest.mark.timeout(120)

TRACE = [
    "turn_started",
    "stt_start",
    "stt_done",
    "llm_start",
    "llm_first_token",
    "llm_done",
    "tts_start",
    "tts_first_chunk",
    "turn_complete",
]


def is_complete(message: Message) -> bool:
    return message.body.get("event") == "turn_complete"


def of_type(talker: Talker, kind: str) -> list[dict[str, Any]]:
    return [message.body for message in talker.messages if message.type == kind]


def in_blobs(samples: npt.NDArray[np.int16]) -> list[tuple[float, bytes]]:
    """A live WAV recording, 250 ms in each blob, and when each is handed out."""
    step = RATE // 4
    pieces = [samples[at : at + step].tobytes() for at in range(0, len(samples), step)]
    pieces[0] = wav_header(RATE) + pieces[0]
    return [(0.25 * number, piece) for number, piece in enumerate(pieces, 1)]


def get(server: ServerProcess, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
        return json.loads(answer.read())


# ---------------------------------------------------------------- browsers' recordings


@pytest.mark.engines
class TestRecordingsOfBrowsers:
    @pytest.mark.parametrize("last_is_late", [False, True], ids=["then stop", "stop, then last"])
    @pytest.mark.parametrize("name", NAMES)
    def test_each_is_understood_and_answered_aloud(
        self, name: str, last_is_late: bool, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                await talker.hold(timed_blobs(name), speed=2, last_is_late=last_is_late)
                await talker.until(is_complete)
                return talker

        talker = asyncio.run(call())
        assert of_type(talker, "error") == []
        (final,) = of_type(talker, "stt_final")
        assert final["text"].startswith("what is the weather")
        assert final["confidence"] >= 0.3
        assert len(of_type(talker, "stt_partial")) >= 2
        trace = [event["event"] for event in of_type(talker, "trace_event")]
        assert sorted(trace) == sorted(TRACE)
        assert (trace[0], trace[-1]) == ("turn_started", "turn_complete")
        chunks = of_type(talker, "tts_audio_chunk")
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        for chunk in chunks:
            with wave.open(io.BytesIO(base64.b64decode(chunk["audio"]))) as file:
                assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
                assert file.getnframes() > 2_400
        kinds = [message.type for message in talker.messages]
        assert kinds.index("tts_done") > max(at for at, kind in enumerate(kinds) if "tts_a" in kind)
        spoken = " ".join(chunk["text"] for chunk in chunks)
        assert spoken.split() == of_type(talker, "assistant_text")[-1]["full_text"].split()

    def test_words_are_told_while_they_are_spoken(
        self, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> int:
            async with dial(embedded, "/call") as talker:
                (_, *_), *_ = recorded = timed_blobs("chromium.webm")
                await talker.send(type="start")
                for _, blob in recorded:
                    await asyncio.sleep(0.25)
                    await talker.send_raw(blob)
                await talker.until(lambda message: message.type == "stt_partial")
                return len(of_type(talker, "stt_final"))

        assert asyncio.run(call()) == 0

    def test_one_call_takes_recordings_of_every_kind(
        self, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                for name in NAMES:
                    since = len(talker.messages)
                    await talker.hold(timed_blobs(name), speed=4)
                    await talker.until(is_complete, since)
                return talker

        talker = asyncio.run(call())
        finals = [final["text"] for final in of_type(talker, "stt_final")]
        assert len(finals) == len(NAMES)
        assert all(text.startswith("what is the weather") for text in finals)


# ---------------------------------------------------------------- sound without words

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


# ---------------------------------------------------------------- many callers

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
