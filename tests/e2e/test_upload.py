"""A recording in, its answer as events: a real server, as `make run` starts it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.testing.server_process import ServerProcess
from tests.e2e.conftest import Dial
from tests.recordings import recording

pytestmark = pytest.mark.timeout(120)

Event = dict[str, Any]
BROWSER = Path(__file__).parent.parent / "recordings" / "browser"


def wav(name: str) -> bytes:
    return wav_bytes(recording(name), LISTENING_RATE_HZ)


@pytest.fixture
def browser(embedded: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{embedded.port}", timeout=60) as client:
        yield client


def upload(client: httpx.Client, body: bytes, **query: str) -> str:
    response = client.post("/upload", content=body, params=query)
    assert response.status_code == 200, response.text
    return str(response.json()["session_id"])


def stream(client: httpx.Client, upload_id: str) -> Iterator[tuple[float, Event]]:
    """Each event, with the moment at which it came."""
    with client.stream("GET", f"/stream/{upload_id}") as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line:
                assert line.startswith("data: ")
                yield time.monotonic(), json.loads(line[6:])


def answer(client: httpx.Client, body: bytes, **query: str) -> list[Event]:
    return [event for _, event in stream(client, upload(client, body, **query))]


@pytest.mark.engines
class TestARecordedQuestion:
    def test_it_is_heard_and_answered_aloud(self, browser: httpx.Client) -> None:
        upload_id = upload(browser, wav("q1_weather.wav"))
        timed = list(stream(browser, upload_id))
        events = [event for _, event in timed]
        kinds = [event["type"] for event in events]
        assert kinds == ["transcript", *["chunk"] * (len(events) - 2), "done"]
        assert "weather" in events[0]["text"].lower()
        chunks, done = events[1:-1], events[-1]
        assert chunks
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        for chunk in chunks:
            with wave.open(io.BytesIO(base64.b64decode(chunk["b64"]))) as file:
                assert file.getframerate() == 24_000
                assert file.getnframes() > 0
        spoken = " ".join(chunk["text"] for chunk in chunks).split()
        assert done["full_text"].split() == spoken
        assert done["session_id"] == upload_id
        timing = done["timing"]
        assert 0 < timing["asr"] < 60
        assert timing["tts"] == pytest.approx(sum(timing["tts_chunks"]), abs=0.01)
        assert len(timing["tts_chunks"]) == len(chunks)
        assert 0 <= timing["first_audio"] <= timing["total"]
        assert browser.get(f"/stream/{upload_id}").status_code == 404

    @pytest.mark.parametrize("name", ["chromium.webm", "firefox.ogg", "chromium.mp4"])
    def test_as_browsers_record_it(self, browser: httpx.Client, name: str) -> None:
        file = {"audio": (name, (BROWSER / name).read_bytes(), "application/octet-stream")}
        upload_id = browser.post("/upload", files=file).json()["session_id"]
        events = [event for _, event in stream(browser, upload_id)]
        assert events[0]["type"] == "transcript"
        assert events[-1]["type"] == "done"

    def test_silence_is_asked_about(self, browser: httpx.Client) -> None:
        silence = wav_bytes(recording("q1_weather.wav")[:4_000] // 1_000, LISTENING_RATE_HZ)
        events = answer(browser, silence)
        assert events[0]["text"] == ""
        assert events[-1]["full_text"].startswith("I'm sorry, I didn't catch that.")

    def test_a_long_recording(self, browser: httpx.Client) -> None:
        events = answer(browser, wav("multi_turn.wav"))
        assert [event for event in events if event["type"] == "error"] == []
        assert len(events[0]["text"].split()) > 10

    def test_who_closes_the_stream_may_ask_again_at_once(self, browser: httpx.Client) -> None:
        question = wav("q1_weather.wav")
        for _ in range(2):
            events = stream(browser, upload(browser, question))
            assert next(events)[1]["type"] == "transcript"
            events.close()  # type: ignore[attr-defined]
        assert answer(browser, question)[-1]["type"] == "done"

    def test_what_can_not_be_used_is_said_in_a_sentence(self, browser: httpx.Client) -> None:
        for body, status in ((b"", 400), (b"x" * 100, 400), (b"x" * 101, 422)):
            response = browser.post("/upload", content=body)
            assert response.status_code == status
            assert response.json()["detail"] == response.json()["error"]

    def test_the_conversation_of_a_browser(self, browser: httpx.Client) -> None:
        chosen = browser.post("/set_persona", json={"persona": "astronaut"}).json()
        assert chosen == {"persona": "astronaut", "name": "Captain Alex", "voice": "am_adam"}
        assert answer(browser, wav("q1_weather.wav"))[-1]["type"] == "done"
        assert browser.post("/clear_history").json()["forgotten"]
        assert browser.post("/clear").json()["status"] == "cleared"
        assert browser.delete("/conversations/nobody").json()["forgotten"] is False


@pytest.mark.engines
class TestMessages:
    def test_they_are_answered_and_listed(self, browser: httpx.Client) -> None:
        who = {"conversation_id": "kitchen", "user_id": "ada", "language": "en"}
        file = {"file": ("audio.wav", wav("q1_weather.wav"), "audio/wav")}
        message = browser.post("/api/messages/voice", params=who, files=file).json()
        assert "weather" in message["text"].lower()
        assert message["assistant_response"]["text"]
        with wave.open(io.BytesIO(base64.b64decode(message["assistant_audio"]))) as sound:
            assert sound.getnframes() > 0
        (kept,) = browser.get("/api/messages?conversation_id=kitchen").json()
        assert kept == {**message, "assistant_audio": None}


class TestWhatLasts:
    def test_messages_outlive_the_server(self, tmp_path: Path) -> None:
        scripted = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted", "VAD": "scripted"}
        url = {"DATABASE_URL": f"sqlite:///{tmp_path}/kept.db"}
        query = "conversation_id=kitchen&user_id=ada"
        for count in (1, 2):
            with ServerProcess(**scripted, **url) as server:
                base = f"http://127.0.0.1:{server.port}/api/messages"
                file = {"file": wav("q1_weather.wav")}
                assert httpx.post(f"{base}/voice?{query}", files=file).status_code == 200
                kept = httpx.get(f"{base}?conversation_id=kitchen").json()
                assert len(kept) == count

    def test_personas_come_from_a_file_and_change_with_it(self, tmp_path: Path, dial: Dial) -> None:
        file = tmp_path / "personas.toml"
        marco = '[marco]\nname = "Marco"\ninstructions = "You are Marco."\ngreeting = "Ciao!"\n'
        file.write_text(marco)
        scripted = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
        with ServerProcess(**scripted, PERSONAS_FILE=str(file)) as server:

            def listed() -> dict[str, str]:
                config = httpx.get(f"http://127.0.0.1:{server.port}/config").json()
                return {one["key"]: one["name"] for one in config["personas"]}

            async def greeted() -> str:
                async with dial(server, "/ws?persona=marco") as talker:
                    await talker.until(lambda message: message.is_status("complete"))
                    pieces = [m.body["data"] for m in talker.messages if m.type == "text_chunk"]
                    return "".join(pieces)

            assert listed()["marco"] == "Marco"
            assert asyncio.run(greeted()) == "Ciao!"
            file.write_text(marco.replace('"Marco"', '"Marco Polo"'))
            give_up_at = time.monotonic() + 30
            while listed()["marco"] != "Marco Polo":
                assert time.monotonic() < give_up_at
                time.sleep(0.05)
