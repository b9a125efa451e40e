"""`/api/voice` on a real server with the embedded engines, as clients of it are usually written."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from repartee.audio.decoding import decode
from repartee.audio.wav import read_wav
from repartee.testing.server_process import ServerProcess
from tests.programs import needed_program
from tests.recordings import FOLDER as RECORDINGS

pytestmark = pytest.mark.engines

QUESTION = "what is the weather like in paris today"
RECORDING = (RECORDINGS / "q1_weather.wav").read_bytes()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def client(embedded: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{embedded.port}", timeout=30) as asker:
        yield asker


class TestWithCurl:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        shutil.copy(RECORDINGS / "q1_weather.wav", tmp_path / "audio.wav")
        return tmp_path

    @pytest.fixture
    def curl(self, folder: Path, embedded: ServerProcess) -> Any:
        """Runs a line of shell that begins with `curl` and speaks to port 8000."""
        needed_program("curl", package="curl")

        def run(line: str) -> str:
            line = line.replace("localhost:8000", f"127.0.0.1:{embedded.port}")
            silent = line.replace("curl", "curl --silent --show-error --fail-with-body", 1)
            return subprocess.run(
                silent, shell=True, cwd=folder, capture_output=True, text=True, check=True
            ).stdout

        return run

    def test_transcribe(self, curl: Any) -> None:
        body = json.loads(
            curl(
                "curl -X POST http://localhost:8000/api/voice/transcribe"
                ' -F "file=@audio.wav" -F "language=en"'
            )
        )
        assert set(body) == {"text", "language", "confidence", "duration_seconds", "model"}
        assert body["text"] == QUESTION
        assert body["duration_seconds"] == pytest.approx(4.56, abs=0.01)

    def test_synthesize(self, curl: Any) -> None:
        body = json.loads(
            curl(
                "curl -X POST http://localhost:8000/api/voice/synthesize"
                ' -H "Content-Type: application/json"'
                ' -d \'{"text": "Hello, this is a test", "voice": "af_heart",'
                ' "lang_code": "a", "speed": 1.0}\''
            )
        )
        assert body["audio_base64"].startswith("UklGR")
        assert (body["audio_sample_rate"], body["voice"], body["speed"]) == (24_000, "af_heart", 1)
        assert body["audio_duration_seconds"] > 1

    def test_only_a_text(self, curl: Any) -> None:
        answer = curl(
            "curl -X POST http://localhost:8000/api/voice/synthesize"
            ' -H "Content-Type: application/json" -d \'{"text": "Test"}\' | python3 -m json.tool'
        )
        assert '"audio_base64": "UklGR' in answer

    def test_audio_stream(self, curl: Any, folder: Path) -> None:
        curl(
            "curl -X POST http://localhost:8000/api/voice/audio-stream"
            ' -H "Content-Type: application/json"'
            ' -d \'{"text": "Hello world", "voice": "af_heart"}\' -o output.wav'
        )
        with wave.open(str(folder / "output.wav")) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert read_wav((folder / "output.wav").read_bytes()).seconds > 0.5

    @pytest.mark.parametrize("path", ["voices", "health"])
    def test_what_is_told_of_it(self, curl: Any, path: str) -> None:
        assert json.loads(curl(f"curl http://localhost:8000/api/voice/{path}"))

    def test_a_recording_that_is_too_large_is_told_so(self, curl: Any, folder: Path) -> None:
        with (folder / "large.wav").open("wb") as file:
            file.truncate(60_000_000)
        with pytest.raises(subprocess.CalledProcessError) as failed:
            curl("curl http://localhost:8000/api/voice/transcribe -F file=@large.wav")
        assert "too large" in json.loads(failed.value.stdout)["error"]


def test_json_as_a_page_sends_it(client: httpx.Client) -> None:
    body = json.dumps({"audio_base64": base64_of(RECORDING), "language": "en"})
    kind = {"content-type": "text/plain;charset=UTF-8"}
    heard = client.post("/api/voice/transcribe", content=body, headers=kind).json()
    assert heard["text"] == QUESTION
    assert heard["confidence"] > 0.5


def test_what_is_spoken_can_be_sent_back_and_is_speech(client: httpx.Client) -> None:
    wish = {"text": "What is the weather like in Paris today?", "format": "opus"}
    spoken = client.post("/api/voice/audio-stream", json=wish).content
    heard = client.post("/api/voice/transcribe", files={"file": ("speech.ogg", spoken)}).json()
    assert heard["text"]
    assert heard["duration_seconds"] > 1


def test_noise_is_no_speech(client: httpx.Client) -> None:
    noise = np.random.default_rng(1).normal(0, 1_500, 3 * 16_000).astype(np.int16).tobytes()
    kind = {"content-type": "audio/L16;rate=16000"}
    assert client.post("/api/voice/transcribe", content=noise, headers=kind).json()["text"] == ""


def test_a_message_is_answered_aloud(client: httpx.Client) -> None:
    body = client.post(
        "/api/voice/message", json={"audio_base64": base64_of(RECORDING), "language": "en"}
    ).json()
    assert body["user_text"] == QUESTION
    assert body["assistant_text"]
    sound = read_wav(base64.b64decode(body["audio_base64"]))
    assert sound.seconds == pytest.approx(body["audio_duration_seconds"], abs=0.01)


def test_many_at_once_are_all_answered(client: httpx.Client) -> None:
    texts = [f"This is sentence number {number % 5}." for number in range(20)]
    sounds: dict[int, bytes] = {}

    def ask(number: int) -> None:
        wish = {"text": texts[number], "format": "wav"}
        sounds[number] = client.post("/api/voice/audio-stream", json=wish).content

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len({len(sounds[number]) for number in range(0, 20, 5)}) == 1
    assert all(decode(sound).seconds > 0.5 for sound in sounds.values())


def test_the_socket(embedded: ServerProcess) -> None:
    async def talk() -> list[dict[str, Any]]:
        told = []
        url = f"ws://127.0.0.1:{embedded.port}/api/voice/ws/chat"
        async with connect(url, max_size=None) as socket, asyncio.timeout(30):
            for message in (
                {"type": "ping"},
                {"type": "transcribe", "audio_base64": base64_of(RECORDING), "language": "en"},
                {"type": "synthesize", "text": "Hello, this is a test", "voice": "af_heart"},
            ):
                await socket.send(json.dumps(message))
                told.append(json.loads(await socket.recv()))
        return told

    pong, transcription, audio = asyncio.run(talk())
    assert pong == {"type": "pong"}
    assert (transcription["type"], transcription["text"]) == ("transcription", QUESTION)
    assert audio["type"] == "audio"
    sound = read_wav(base64.b64decode(audio["audio_base64"]))
    assert audio["duration_seconds"] == pytest.approx(sound.seconds, abs=0.01)
