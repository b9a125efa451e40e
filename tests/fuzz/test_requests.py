"""Every request that takes something, given what nobody should send.

Whatever comes, it is answered with what was asked for or with one sentence, and an upload that was
taken is answered to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.budget import patiently, tries
from tests.fuzz.leaks import assert_nothing_leaks, left_over
from tests.fuzz.values import broken_recordings, mutated, texts
from tests.fuzz.whole_app import OnStage, WholeApp, on_stage
from tests.server.every_interface import WAV, WAV_BASE64

pytestmark = patiently

ANSWERS = (200, 204, 400, 404, 405, 413, 422, 502, 503, 504)
"""All that may come; a fault of ours would be a 500."""

A_TEXT = {"text": "Hello.", "voice": "af_heart", "lang_code": "en", "speed": 1.0, "format": "wav"}
A_RECORDING = {"audio_base64": WAV_BASE64, "language": "en", "system_prompt": "Be brief."}
JSON_TO: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/api/voice/synthesize", A_TEXT),
    ("/api/voice/audio-stream", A_TEXT),
    ("/api/voice/synthesize-batch", {"type": "a batch is a list, but this is sent"}),
    ("/api/voice/transcribe", A_RECORDING),
    ("/api/voice/message", A_RECORDING),
    ("/set_persona", {"persona": "astronaut"}),
)
FILES_TO = ("/upload", "/api/voice/transcribe", "/api/messages/voice?conversation_id=a&user_id=b")
GET_FROM = ("/sessions", "/api/messages", "/sessions/x/turns", "/stream/x", "/config", "/health")
CONTENT_TYPES = (
    "application/json",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "audio/webm;codecs=opus",
    "audio/L16;rate=16000",
    "audio/L16;rate=0;channels=999",
    "text/plain; charset=utf-7",
    "",
    "é",
)


class Sent(msgspec.Struct, frozen=True):
    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"
    query: tuple[tuple[str, str], ...] = ()


def form(file: bytes, field: str, name: str, *, ends: bool = True) -> bytes:
    """A form with one file, as a browser writes it."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + file + (b"\r\n--b--\r\n" if ends else b"")


@st.composite
def with_json(draw: st.DrawFn) -> Sent:
    path, body = draw(st.sampled_from(JSON_TO))
    written = draw(mutated([body]))
    if path.endswith("batch"):
        items = draw(st.lists(mutated([A_TEXT]), max_size=12))
        written = draw(st.sampled_from([written, f"[{','.join(items)}]"]))
    return Sent("POST", path, written.encode("utf-8", "surrogatepass"))


files = st.one_of(
    broken_recordings(),
    st.sampled_from([WAV, WAV[:60], WAV[:1_000], b"", b"RIFF" * 60]),
    st.binary(max_size=200),
)


@st.composite
def with_a_file(draw: st.DrawFn) -> Sent:
    path, file = draw(st.sampled_from(FILES_TO)), draw(files)
    if draw(st.booleans()):
        return Sent("POST", path, file, draw(st.sampled_from(CONTENT_TYPES)))
    field = draw(st.one_of(st.sampled_from(["file", "audio"]), texts))
    body = form(file, field, draw(texts), ends=draw(st.booleans()))
    return Sent("POST", path, body, draw(st.sampled_from(CONTENT_TYPES[:2])))


@st.composite
def with_a_query(draw: st.DrawFn) -> Sent:
    names = st.sampled_from("limit before persona voice speed language conversation_id".split())
    query = draw(st.lists(st.tuples(names, texts), max_size=3))
    readable = [(k, v.encode("utf-8", "replace").decode()) for k, v in query]
    method = draw(st.sampled_from(["GET", "GET", "GET", "DELETE", "PUT", "HEAD", "OPTIONS"]))
    return Sent(method, draw(st.sampled_from(GET_FROM)), query=tuple(readable))


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    with on_stage(max_frame_bytes=65_536, max_upload_mb=1) as it:
        yield it
        it.run(it.app.house.visitors.close())
    assert left_over() == []


async def answer_to(app: WholeApp, sent: Sent) -> httpx.Response:
    async with app.asking() as client:
        url = client.base_url.join(sent.path)
        response = await client.request(
            sent.method,
            url.copy_merge_params(dict(sent.query)),
            content=sent.body,
            headers={b"content-type": sent.content_type.encode()},
        )
        if sent.path == "/upload" and response.status_code == 200:
            stream = await client.get(f"/stream/{response.json()['session_id']}")
            last = json.loads(stream.text.strip().rpartition("data: ")[2])
            assert last["type"] in ("done", "error"), stream.text
            assert_nothing_leaks(stream.text)
    return response


@given(st.one_of(with_json(), with_json(), with_a_file(), with_a_query()))
@tries(0.1)
def test_any_request(stage: OnStage, sent: Sent) -> None:
    response = stage.run(answer_to(stage.app, sent))
    assert response.status_code in ANSWERS, response.text
    if sent.method != "HEAD" and response.status_code >= 400:
        told = response.json()
        assert told["detail"] == told["error"]
        assert told["error"].rstrip()[-1] in ".?!"
        assert_nothing_leaks(response.text)
