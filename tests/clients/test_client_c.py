"""A page that records first, uploads, and plays the answer phrase by phrase as events bring it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from repartee.testing.server_process import ServerProcess
from tests.clients import node
from tests.clients.line import kinds
from tests.clients.pages import PAGE_ON_PORT_3000, address_of, page_at
from tests.clients.shapes import (
    Shape,
    an_id,
    misfits,
    number,
    some_text,
    text,
    whole_number,
)
from tests.clients.sounds import played_base64
from tests.recordings import FOLDER as RECORDINGS
from tests.recordings.browser import FOLDER as BROWSERS

SCRIPT = """
[stt]
transcripts = ["My name is Ada.", "What is my name?", "And again?"]

[llm]
replies = ["So far I have heard the following from you and from me: {history}. That is all of it."]
token_ms = 5

[tts]
letter_ms = 5
"""
WEBM = BROWSERS / "chromium.webm"

Event = dict[str, Any]
EVENTS: dict[str, Shape] = {
    "transcript": {"text": text, "asr_time": number},
    "chunk": {
        "index": whole_number,
        "b64": lambda value: played_base64(value)[:2] == (24_000, 1),
        "text": some_text,
    },
    "done": {
        "full_text": some_text,
        "session_id": an_id,
        "timing": lambda value: misfits(value, TIMING) == {},
    },
    "error": {"message": some_text},
}
TIMING: Shape = {
    **dict.fromkeys(("asr", "llm", "tts", "total", "first_audio"), number),
    "tts_chunks": lambda value: all(map(number, value)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    script = tmp_path_factory.mktemp("upload") / "script.toml"
    script.write_text(SCRIPT)
    engines = dict.fromkeys(("STT", "LLM", "TTS"), "scripted")
    with ServerProcess(**engines, SCRIPT=str(script)) as started:
        yield started


@pytest.fixture
def browser(server: ServerProcess) -> Iterator[httpx.Client]:
    with page_at(server) as client:
        yield client


def upload(browser: httpx.Client, **fields: str) -> str:
    answer = browser.post("/upload", content=WEBM.read_bytes(), params=fields)
    assert (answer.status_code, misfits(answer.json(), {"session_id": an_id})) == (200, {})
    return str(answer.json()["session_id"])


def events(browser: httpx.Client, session_id: str) -> Iterator[Event]:
    asks = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
    with browser.stream("GET", f"/stream/{session_id}", headers=asks) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                assert name == "data"
                yield json.loads(value)


def answer_to(browser: httpx.Client, **fields: str) -> list[Event]:
    return list(events(browser, upload(browser, **fields)))


def full_text(browser: httpx.Client, **fields: str) -> str:
    return str(answer_to(browser, **fields)[-1]["full_text"])


# ---------------------------------------------------------------- an upload and its stream


@pytest.fixture(scope="module")
def told(server: ServerProcess) -> list[Event]:
    with page_at(server) as browser:
        return answer_to(browser)


class TestAStream:
    def test_has_the_fields_that_the_page_reads(self, told: list[Event]) -> None:
        for event in told:
            assert misfits(event, EVENTS[event["type"]]) == {}, event["type"]

    def test_begins_with_the_words_and_ends_with_the_times(self, told: list[Event]) -> None:
        assert kinds(told) == ["transcript", "chunk", "done"]
        assert told[0]["text"] == "My name is Ada."

    def test_brings_every_phrase_in_order_and_audible(self, told: list[Event]) -> None:
        chunks, done = told[1:-1], told[-1]
        assert len(chunks) >= 2
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        assert all(played_base64(chunk["b64"]).is_audible for chunk in chunks)
        spoken = " ".join(chunk["text"] for chunk in chunks)
        assert spoken.split() == done["full_text"].split()

    def test_says_how_long_everything_took(self, told: list[Event]) -> None:
        timing = told[-1]["timing"]
        assert len(timing["tts_chunks"]) == len(told) - 2
        assert 0 < timing["first_audio"] <= timing["total"] < 30

    def test_comes_once(self, browser: httpx.Client) -> None:
        session_id = upload(browser)
        assert list(events(browser, session_id))[-1]["session_id"] == session_id
        again = browser.get(f"/stream/{session_id}")
        assert (again.status_code, again.json()["detail"]) == (404, again.json()["error"])

    def test_may_be_closed_in_the_middle_and_the_next_one_is_whole(
        self, browser: httpx.Client
    ) -> None:
        stopped = events(browser, upload(browser))
        assert next(stopped)["type"] == "transcript"
        assert next(stopped)["type"] == "chunk"
        stopped.close()  # type: ignore[attr-defined]
        assert kinds(answer_to(browser)) == ["transcript", "chunk", "done"]

    def test_that_nobody_has_is_not_there(self, browser: httpx.Client) -> None:
        assert browser.get("/stream/nobody").status_code == 404


@pytest.mark.parametrize("page", node.BROWSERS)
def test_a_page_uploads_a_blob_and_reads_the_stream(page: str, server: ServerProcess) -> None:
    if page == "node":
        told = node.run("upload_page.mjs", address_of(server), str(WEBM))
        assert (told["contentType"][:17], told["rest"]) == ("text/event-stream", "")
        received = told["events"]
    else:
        with page_at(server) as browser:
            received = answer_to(browser)
    assert kinds(received) == ["transcript", "chunk", "done"]


# ---------------------------------------------------------------- ways to send a recording

Send = Callable[[httpx.Client, bytes], httpx.Response]
WAYS: dict[str, Send] = {
    "a blob": lambda browser, data: browser.post(
        "/upload", content=data, headers={"Content-Type": "audio/webm"}
    ),
    "a blob of no type": lambda browser, data: browser.post("/upload", content=data),
    "a blob of another type": lambda browser, data: browser.post(
        "/upload", content=data, headers={"Content-Type": "audio/wav"}
    ),
    "what curl sends": lambda browser, data: browser.post(
        "/upload", content=data, headers={"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "a form": lambda browser, data: browser.post(
        "/upload", files={"audio": ("recording.webm", data, "audio/webm;codecs=opus")}
    ),
    "a form with a file": lambda browser, data: browser.post(
        "/upload", files={"file": ("blob", data, "application/octet-stream")}
    ),
    "a slash too many": lambda browser, data: browser.post(
        "/upload/", content=data, follow_redirects=True
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_recording_may_come_as(way: str, browser: httpx.Client) -> None:
    uploaded = WAYS[way](browser, WEBM.read_bytes())
    assert uploaded.status_code == 200, uploaded.text
    assert kinds(list(events(browser, uploaded.json()["session_id"])))[-1] == "done"


FILES = [
    *(BROWSERS / name for name in ("firefox.ogg", "firefox.webm", "chromium.mp4")),
    RECORDINGS / "q1_weather.wav",
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_recording_may_be(file: Path, browser: httpx.Client) -> None:
    uploaded = browser.post("/upload", content=file.read_bytes())
    assert uploaded.status_code == 200


@pytest.mark.parametrize(("data", "status"), [(b"", 400), (b"x" * 100, 400), (b"x" * 101, 422)])
@pytest.mark.parametrize("way", ["a blob", "a form"])
def test_what_is_no_recording_is_told_in_a_sentence(
    way: str, data: bytes, status: int, browser: httpx.Client
) -> None:
    answer = WAYS[way](browser, data)
    assert (answer.status_code, answer.json()["detail"]) == (status, answer.json()["error"])
    if status == 400:
        assert answer.json()["error"].startswith("The recording is empty")


# ---------------------------------------------------------------- who answers, what is remembered

PERSONAS = {
    "wildlife_expert": ("Dr. Maya Chen", "af_heart"),
    "friendly_teacher": ("Professor Sam", "am_michael"),
    "casual_chat": ("Alex", "af_bella"),
    "astronaut": ("Captain Alex", "am_adam"),
}
VOICES = (
    "af_heart af_bella af_nicole af_sky am_adam am_michael bf_emma bf_isabella bm_george bm_lewis"
)


class TestAConversation:
    def test_is_remembered_by_its_browser(self, browser: httpx.Client) -> None:
        full_text(browser)
        assert "My name is Ada." in full_text(browser)

    def test_is_known_to_no_other_browser(
        self, server: ServerProcess, browser: httpx.Client
    ) -> None:
        full_text(browser)
        with page_at(server) as stranger:
            assert full_text(stranger).count("user:") == 1

    @pytest.mark.parametrize("path", ["/clear", "/clear_history"])
    def test_is_forgotten_on_request(self, path: str, browser: httpx.Client) -> None:
        full_text(browser)
        assert browser.post(path).json()["status"] == "cleared"
        assert full_text(browser).count("user:") == 1

    def test_is_forgotten_when_somebody_else_answers(self, browser: httpx.Client) -> None:
        full_text(browser)
        assert browser.post("/set_persona", json={"persona": "astronaut"}).status_code == 200
        assert full_text(browser).count("user:") == 1

    def test_of_a_name_is_shared_by_who_knows_it(self, server: ServerProcess) -> None:
        with page_at(server) as first, page_at(server) as second:
            full_text(first, conversation_id="garden")
            assert "My name is Ada." in full_text(second, conversation_id="garden")
            assert second.delete("/conversations/garden").json()["forgotten"] is True
            assert full_text(first, conversation_id="garden").count("user:") == 1

    def test_goes_on_at_the_same_time_as_another(self, server: ServerProcess) -> None:
        with page_at(server) as first, page_at(server) as second:
            streams = [events(one, upload(one)) for one in (first, second)]
            told: list[list[Event]] = [[next(stream)] for stream in streams]
            for number_of, stream in enumerate(streams):
                told[number_of] += stream
        assert [kinds(one) for one in told] == [["transcript", "chunk", "done"]] * 2


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8"])
def test_a_persona_can_be_chosen(kind: str, persona: str, browser: httpx.Client) -> None:
    name, voice = PERSONAS[persona]
    body = json.dumps({"persona": persona})
    chosen = browser.post("/set_persona", content=body, headers={"Content-Type": kind})
    assert chosen.json() == {"persona": persona, "name": name, "voice": voice}


def test_a_persona_that_is_not_there_is_refused(browser: httpx.Client) -> None:
    answer = browser.post("/set_persona", json={"persona": "nobody"})
    assert (answer.status_code, answer.json()["detail"]) == (422, answer.json()["error"])


@pytest.mark.parametrize("voice", VOICES.split())
def test_every_voice_can_be_asked_for(voice: str, browser: httpx.Client) -> None:
    assert upload(browser, voice=voice, speed="1.25")


def test_a_page_of_port_3000_may_do_all_of_it(browser: httpx.Client) -> None:
    uploaded = browser.post("/upload", content=WEBM.read_bytes())
    streamed = browser.get(f"/stream/{uploaded.json()['session_id']}")
    cleared = browser.post("/clear")
    asks = {"Access-Control-Request-Method": "DELETE"}
    may_delete = browser.options("/conversations/garden", headers=asks)
    for answer in (uploaded, streamed, cleared, may_delete):
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == PAGE_ON_PORT_3000
        # Its conversation is in a cookie, which goes along only where this is said.
        assert answer.headers["access-control-allow-credentials"] == "true"


# ---------------------------------------------------------------- with the engines of `make run`


@pytest.mark.engines
def test_a_question_is_understood_and_answered_aloud(embedded: ServerProcess) -> None:
    with page_at(embedded) as browser:
        told = answer_to(browser, persona="astronaut")
    for event in told:
        assert misfits(event, EVENTS[event["type"]]) == {}, event["type"]
    assert kinds(told) == ["transcript", "chunk", "done"]
    assert told[0]["text"] == "what is the weather like in paris today"
    assert all(played_base64(chunk["b64"]).is_audible for chunk in told[1:-1])
