"""Whatever is sent to a broker, it answers one plain sentence, and serves whoever comes next."""

from __future__ import annotations

import re
from typing import Any

import httpx
import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.testing.standins import StandIn
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.brokers.behind import listening, speaking

pytestmark = pytest.mark.anyio

RECORDING = wav_bytes(np.full(16_000, 8_000, np.int16), 16_000)
BROKEN_FORM = {"content-type": "multipart/form-data; boundary=x"}
JSON = {"content-type": "application/json"}


def refusal(answer: httpx.Response, status: int) -> str:
    """The sentence, which stands under both names and gives nothing away."""
    told = answer.json()
    assert (answer.status_code, told) == (
        status,
        {"detail": told["error"], "error": told["error"]},
    )
    assert told["error"].endswith(".")
    assert not re.search(r"Traceback|\.py\b|Error\b|<class|/usr|/home", told["error"])
    return str(told["error"])


def a_file(data: bytes, field: str = "file") -> dict[str, Any]:
    return {"files": {field: ("a.wav", data)}}


class TestInference:
    @pytest.mark.parametrize(
        ("sent", "status", "about"),
        [
            ({"json": {"file": "a.wav"}}, 400, "empty"),
            ({"json": {"file": "a" * 200}}, 422, "JSON"),
            ({"content": b"--nothing of that kind", "headers": BROKEN_FORM}, 422, "form"),
            ({"content": b"", "headers": BROKEN_FORM}, 422, "'file'"),
            ({"content": b""}, 400, "empty"),
            ({"data": {"language": "en"}}, 422, "'file'"),
            (a_file(RECORDING, "picture"), 422, "'file'"),
            ({"files": {"file": (None, "a.wav")}}, 422, "'file'"),
            (a_file(b""), 400, "0 bytes"),
            (a_file(RECORDING[:99]), 400, "99 bytes"),
            (a_file(b"\0" * 500), 422, "decoded"),
            (a_file(bytes(30_000_000)), 413, "too large"),
            ({**a_file(RECORDING), "data": {"language": "xx"}}, 422, "'xx'"),
            ({**a_file(RECORDING), "data": {"language": "\0" * 300}}, 422, "'language'"),
            ({**a_file(RECORDING), "data": {"prompt": "x" * 9_999}}, 422, "'prompt'"),
        ],
    )
    async def test_it_is_told_what_is_wrong(
        self, sent: dict[str, Any], status: int, about: str
    ) -> None:
        async with StandIn(WhisperCppWire("Hello.")) as server, listening(server.url) as client:
            assert about in refusal(await client.post("/inference", **sent), status)
            assert not server.asked, "it never got so far"
            assert (await client.post("/inference", **a_file(RECORDING))).status_code == 200


class TestLoad:
    @pytest.mark.parametrize(
        "sent",
        [
            {"json": {"model": "models/small.bin"}},
            {"content": b"--nothing of that kind", "headers": BROKEN_FORM},
            {"files": {"other": (None, "models/small.bin")}},
            {"files": {"model": (None, " ")}},
            {"files": {"model": ("small.bin", b"the model itself")}},
            {"content": b""},
        ],
    )
    async def test_it_is_told_what_is_wrong(self, sent: dict[str, Any]) -> None:
        async with StandIn(WhisperCppWire("Hello.")) as server, listening(server.url) as client:
            assert "form" in refusal(await client.post("/load", **sent), 422)
            assert not server.asked


class TestSynthesize:
    @pytest.mark.parametrize(
        ("sent", "status", "about"),
        [
            ({"content": b"hello", "headers": JSON}, 422, "JSON"),
            ({"content": b"", "headers": JSON}, 422, "JSON"),
            ({"content": b'{"text":"a"}', "headers": {"content-type": "text/plain"}}, 422, "JSON"),
            ({"data": {"text": "Hello."}}, 422, "JSON"),
            ({"json": []}, 422, "JSON"),
            ({"json": {}}, 422, "'text'"),
            ({"json": {"text": None}}, 422, "'text'"),
            ({"json": {"text": "😀 🎉 👍"}}, 422, "nothing to speak"),
            ({"json": {"text": " \n "}}, 422, "nothing to speak"),
            ({"json": {"text": "a", "voice": "nobody"}}, 422, "nobody"),
            ({"json": {"text": "a", "voice": "x" * 101}}, 422, "'voice'"),
            ({"json": {"text": "a", "lang_code": "x" * 41}}, 422, "'lang_code'"),
            ({"json": {"text": "a", "speed": "fast"}}, 422, "'speed'"),
            ({"content": b'{"text":"a","speed":NaN}', "headers": JSON}, 422, "'speed'"),
            ({"json": {"text": "x" * 2_000_000}}, 413, "too large"),
        ],
    )
    async def test_it_is_told_what_is_wrong(
        self, sent: dict[str, Any], status: int, about: str
    ) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            assert about in refusal(await client.post("/synthesize", **sent), status)
            assert not any(heard.method == "POST" for heard in server.asked)
            assert (await client.post("/synthesize", json={"text": "Hello."})).status_code == 200


class TestSynthesizeBatch:
    @pytest.mark.parametrize(
        ("sent", "status", "about"),
        [
            ({"json": [{"text": "a"}] * 11}, 422, "11 items"),
            ({"json": []}, 400, "empty"),
            ({"json": {"text": "a"}}, 422, "list"),
            ({"json": None}, 422, ""),
            ({"content": b"[", "headers": JSON}, 422, "JSON"),
            ({"data": {"text": "a"}}, 422, ""),
        ],
    )
    async def test_what_is_no_batch(self, sent: dict[str, Any], status: int, about: str) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            assert about in refusal(await client.post("/synthesize-batch", **sent), status)

    async def test_what_is_no_item_gets_a_sentence_in_its_place(self) -> None:
        wishes = [7, "Hello.", None, ["Hello."], {"words": "Hello."}, {"text": "😀"}, {"text": "a"}]
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            answer = await client.post("/synthesize-batch", json=wishes)
            *wrong, right = answer.json()
        assert answer.status_code == 200
        for one in wrong:
            assert list(one) == ["error"]
            assert "'text'" in one["error"] or "nothing to speak" in one["error"]
        assert right["text_length"] == 1


@pytest.mark.parametrize("broker", [listening, speaking])
async def test_what_there_is_not(broker: Any) -> None:
    async with broker() as client:
        assert refusal(await client.get("/nothing"), 404)
        assert refusal(await client.post("/healthz"), 405)
