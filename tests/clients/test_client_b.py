"""Programs that ask for voice over HTTP: lines of curl, a page, a socket, and a chat.

Once speech is made on this machine. Once it comes from brokers in front of model servers; nothing
that these programs see is different then.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from repartee.testing.server_process import ServerProcess
from tests.clients import node
from tests.clients.line import bodies, connected
from tests.clients.lines import PROGRAMS, Shell
from tests.clients.machines import brokers_that_forward, server_asking
from tests.clients.pages import PAGE_ON_PORT_3000, address_of, page_at
from tests.clients.shapes import (
    Shape,
    exactly,
    misfits,
    some_text,
)
from tests.clients.sounds import base64_of, played, played_base64
from tests.clients.voice_shapes import (
    ANSWERED,
    HEALTH,
    KEPT,
    ON_THE_SOCKET,
    QUESTION,
    SYNTHESIZED,
    TRANSCRIBED,
    VOICES,
    WAV,
    WEBM,
)

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def behind_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Five processes: each broker with a model server behind it, and the server that asks them."""
    with (
        brokers_that_forward(tmp_path_factory.mktemp("brokers"), QUESTION) as (stt, tts),
        server_asking(stt, tts) as server,
    ):
        yield server


@pytest.fixture(scope="module", params=["embedded", "behind_brokers"])
def server(request: pytest.FixtureRequest) -> ServerProcess:
    running: ServerProcess = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def page(server: ServerProcess) -> Iterator[httpx.Client]:
    with page_at(server) as client:
        yield client


# ---------------------------------------------------------------- from the command line


class TestLinesOfCurl:
    @pytest.fixture(params=PROGRAMS)
    def curl(self, request: pytest.FixtureRequest, server: ServerProcess, tmp_path: Path) -> Shell:
        shutil.copy(WAV, tmp_path / "audio.wav")
        return Shell(request.param, server, tmp_path)

    def test_a_recording_is_written_down(self, curl: Shell) -> None:
        answer = curl(
            """curl -X POST http://localhost:8000/api/voice/transcribe \
                 -F "file=@audio.wav" \
                 -F "language=en" """
        )
        assert (answer.status, misfits(json.loads(answer.body), TRANSCRIBED)) == (200, {})

    def test_a_text_is_spoken(self, curl: Shell) -> None:
        answer = curl(
            """curl -X POST http://localhost:8000/api/voice/synthesize \
                 -H "Content-Type: application/json" \
                 -d '{
                   "text": "Hello, this is a test",
                   "voice": "af_heart",
                   "lang_code": "a",
                   "speed": 1.0
                 }'"""
        )
        told = json.loads(answer.body)
        assert (answer.status, misfits(told, SYNTHESIZED)) == (200, {})
        assert (told["voice"], told["speed"], told["text_length"]) == ("af_heart", 1.0, 21)
        seconds = played_base64(told["audio_base64"]).seconds
        assert told["audio_duration_seconds"] == pytest.approx(seconds, abs=0.001)

    def test_a_text_alone_is_enough(self, curl: Shell) -> None:
        answer = curl(
            """curl -X POST http://localhost:8000/api/voice/synthesize \
                 -H "Content-Type: application/json" \
                 -d '{"text": "Test"}'"""
        )
        assert misfits(json.loads(answer.body), SYNTHESIZED) == {}

    def test_a_text_becomes_a_file(self, curl: Shell) -> None:
        answer = curl(
            """curl -X POST http://localhost:8000/api/voice/audio-stream \
                 -H "Content-Type: application/json" \
                 -d '{
                   "text": "Hello world",
                   "voice": "af_heart"
                 }' \
                 -o output.wav"""
        )
        assert answer == (200, b"")
        file = (curl.folder / "output.wav").read_bytes()
        sound = played(file)
        assert file[:4] == b"RIFF"
        assert (sound.rate_hz, sound.channels, sound.is_audible) == (24_000, 1, True)
        assert 0.5 < sound.seconds < 5

    @pytest.mark.parametrize(
        ("path", "shape"), [("voices", VOICES), ("health", HEALTH)], ids=["voices", "health"]
    )
    def test_what_there_is_to_know(self, curl: Shell, path: str, shape: Shape) -> None:
        answer = curl(f"curl http://localhost:8000/api/voice/{path}")
        assert (answer.status, misfits(json.loads(answer.body), shape)) == (200, {})

    def test_the_page_to_try_it_all_out(self, curl: Shell) -> None:
        answer = curl("curl http://localhost:8000/docs")
        assert (answer.status, answer.body.lower()[:15]) == (200, b"<!doctype html>")


# ---------------------------------------------------------------- from a page


@pytest.mark.parametrize("browser", node.BROWSERS)
def test_a_page_hears_its_own_words_again(browser: str, server: ServerProcess) -> None:
    told = (_with_node if browser == "node" else _with_httpx)(server)
    assert told["statuses"] == [200, 200]
    assert misfits(told["heard"], TRANSCRIBED) == {}
    assert told["contentType"] == "audio/wav"
    assert played_base64(told["sound"]).seconds > 2


def _with_node(server: ServerProcess) -> Any:
    return node.run("voice_page.mjs", address_of(server), str(WEBM))


def _with_httpx(server: ServerProcess) -> Any:
    body = json.dumps({"audio_base64": base64_of(WEBM.read_bytes()), "language": "en"})
    kind = {"Content-Type": "text/plain;charset=UTF-8"}
    with page_at(server) as page:
        written = page.post("/api/voice/transcribe", content=body, headers=kind)
        wish = {"text": f"You said: {written.json()['text']}", "voice": "af_heart"}
        spoken = page.post("/api/voice/audio-stream", json=wish)
    return {
        "heard": written.json(),
        "statuses": [written.status_code, spoken.status_code],
        "contentType": spoken.headers["content-type"],
        "sound": base64_of(spoken.content),
    }


DATA_URL = "data:audio/webm;codecs=opus;base64,"


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (None, ""),
        ("application/json", DATA_URL),
        ("application/x-www-form-urlencoded", DATA_URL),
        ("multipart/form-data", ""),
    ],
)
def test_json_is_taken_under_any_content_type(
    page: httpx.Client, kind: str | None, prefix: str
) -> None:
    body = {"audio_base64": prefix + base64_of(WEBM.read_bytes()), "language": "en"}
    headers = {} if kind is None else {"Content-Type": kind}
    answer = page.post("/api/voice/transcribe", content=json.dumps(body), headers=headers)
    assert (answer.status_code, misfits(answer.json(), TRANSCRIBED)) == (200, {})


PATHS = ("transcribe", "synthesize", "synthesize-batch", "audio-stream", "message")


@pytest.mark.parametrize("path", [*PATHS, "/api/messages/voice"])
def test_a_page_of_port_3000_may_ask(page: httpx.Client, path: str) -> None:
    asks = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    url = path if path.startswith("/") else f"/api/voice/{path}"
    may = page.options(url, headers=asks)
    assert may.status_code == 200
    assert may.headers["access-control-allow-origin"] == PAGE_ON_PORT_3000
    assert "POST" in may.headers["access-control-allow-methods"]
    assert "content-type" in may.headers["access-control-allow-headers"].lower()
    # What it did wrong it may read as well.
    wrong = page.post(url, json={})
    assert wrong.status_code == 422
    assert wrong.headers["access-control-allow-origin"] == PAGE_ON_PORT_3000


def test_a_slash_too_many_is_forgiven(page: httpx.Client) -> None:
    answer = page.post("/api/voice/synthesize/", json={"text": "Test"}, follow_redirects=True)
    assert misfits(answer.json(), SYNTHESIZED) == {}


# ---------------------------------------------------------------- the rest of the endpoints


@pytest.mark.parametrize("voice", ["af_heart", "af", "am", "bf", "bm"])
def test_every_voice_that_is_named_speaks(page: httpx.Client, voice: str) -> None:
    told = page.post("/api/voice/synthesize", json={"text": "Good day.", "voice": voice}).json()
    assert misfits(told, {**SYNTHESIZED, "voice": exactly(voice)}) == {}


def test_a_batch_is_answered_in_order_and_a_bad_item_spoils_no_other(page: httpx.Client) -> None:
    wishes = [{"text": "One."}, {"text": ""}, {"text": "Three.", "voice": "bm", "speed": 1.5}]
    answer = page.post("/api/voice/synthesize-batch", json=wishes)
    first, second, third = answer.json()
    assert [misfits(one, SYNTHESIZED) for one in (first, third)] == [{}, {}]
    assert misfits(second, {"error": some_text}) == {}
    assert (third["voice"], third["speed"]) == ("bm", 1.5)


def test_a_spoken_message_is_answered_aloud(page: httpx.Client) -> None:
    wish = {
        "audio_base64": base64_of(WAV.read_bytes()),
        "language": "en",
        "voice": "am_michael",
        "speed": 1.2,
        "system_prompt": "You are a weather man.",
    }
    told = page.post("/api/voice/message", json=wish).json()
    assert misfits(told, ANSWERED) == {}


def test_a_voice_message_in_a_chat_is_kept_with_its_answer(page: httpx.Client) -> None:
    query = {"conversation_id": "the kitchen & more", "user_id": "ada", "language": "en"}
    file = {"file": ("blob", WEBM.read_bytes(), "audio/webm;codecs=opus")}
    sent = page.post("/api/messages/voice", params=query, files=file).json()
    shape = {**KEPT, "conversation_id": exactly(query["conversation_id"])}
    assert misfits(sent, shape) == {}
    assert played_base64(sent["assistant_audio"]).is_audible
    listed = page.get("/api/messages", params={"conversation_id": query["conversation_id"]}).json()
    assert [one["id"] for one in listed] == [sent["id"]]
    assert misfits(listed[0], shape) == {}
    assert page.get("/api/messages", params={"conversation_id": "the cellar"}).json() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("transcribe", {"audio_base64": ""}, 400),
        ("transcribe", {"audio_base64": "not base64!"}, 422),
        ("transcribe", {"audio_base64": base64_of(b"no sound " * 30)}, 422),
        ("transcribe", {"audio": "?"}, 422),
        ("synthesize", {"text": ""}, 422),
        ("synthesize", {"text": "a" * 10_001}, 422),
        ("synthesize", {"text": "Test", "speed": 0}, 422),
        ("synthesize", {"text": "Test", "voice": "nobody"}, 422),
        ("synthesize-batch", [], 400),
        ("synthesize-batch", [{"text": "Test"}] * 11, 422),
        ("audio-stream", {"text": "Test", "format": "midi"}, 422),
        ("message", {}, 422),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    page: httpx.Client, path: str, body: Any, status: int
) -> None:
    answer = page.post(f"/api/voice/{path}", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (status, answer.json()["error"])


# ---------------------------------------------------------------- over a socket


def test_the_socket_writes_down_speaks_answers_and_stays_alive(server: ServerProcess) -> None:
    recorded = base64_of(WEBM.read_bytes())
    requests: list[tuple[dict[str, Any], list[str]]] = [
        ({"type": "transcribe", "audio_base64": recorded, "language": "en"}, ["transcription"]),
        (
            {
                "type": "synthesize",
                "text": "Hello, this is a test",
                "voice": "af_heart",
                "lang_code": "a",
                "speed": 1.0,
            },
            ["audio"],
        ),
        ({"type": "ping"}, ["pong"]),
        ({"type": "sing"}, ["error"]),
        ({"type": "transcribe", "audio_base64": "?"}, ["error"]),
        (
            {"type": "voice_message", "audio_base64": recorded, "language": "en"},
            ["transcription", "assistant", "audio"],
        ),
    ]

    async def talk() -> list[dict[str, Any]]:
        async with connected(server, "/api/voice/ws/chat") as line:
            for request, answers in requests:
                since = len(line.messages)
                await line.send(**request)
                for kind in answers:
                    answer = await line.until(lambda _: True, since)
                    assert answer.type == kind
                    since += 1
            return bodies(line)

    for message in asyncio.run(talk()):
        assert misfits(message, ON_THE_SOCKET[message["type"]]) == {}, message["type"]
