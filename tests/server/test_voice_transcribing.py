"""A recording is written down: every form in which it may come, and what can't be."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.audio.encoded import encoded
from tests.server.houses import Houses
from tests.server.voice_asking import (
    HEARD,
    SILENCE,
    WAV,
    base64_of,
    client,
    sentence,
)

pytestmark = pytest.mark.anyio


def written_down(houses: Houses) -> dict[str, Any]:
    return {
        "text": HEARD,
        "language": "en",
        "confidence": 0.95,
        "duration_seconds": 1.0,
        "model": houses.heard_by,
    }


class TestTranscribe:
    async def ask(self, houses: Houses, **request: Any) -> httpx.Response:
        async with client(houses) as asker:
            return await asker.post("/api/voice/transcribe", **request)

    @pytest.mark.parametrize("field", ["file", "audio"])
    async def test_a_form_with_a_file(self, houses: Houses, field: str) -> None:
        response = await self.ask(
            houses, files={field: ("audio.wav", WAV)}, data={"language": "en"}
        )
        assert (response.status_code, response.json()) == (200, written_down(houses))

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "text/plain;charset=UTF-8",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
            "multipart/form-data",
            "audio/webm",
            "",
        ],
    )
    async def test_json_under_whatever_content_type(
        self, houses: Houses, content_type: str
    ) -> None:
        body = json.dumps({"audio_base64": base64_of(WAV), "language": "en"})
        response = await self.ask(houses, content=body, headers={"content-type": content_type})
        assert (response.status_code, response.json()) == (200, written_down(houses))

    @pytest.mark.parametrize(
        "written",
        [
            base64_of,
            lambda data: f"data:audio/webm;codecs=opus;base64,{base64_of(data)}",
            lambda data: base64.encodebytes(data).decode(),
            lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
        ],
    )
    async def test_base64_as_people_write_it(
        self, houses: Houses, written: Callable[[bytes], str]
    ) -> None:
        response = await self.ask(houses, json={"audio_base64": written(WAV)})
        assert response.json() == written_down(houses)

    async def test_the_recording_as_it_is(self, houses: Houses) -> None:
        response = await self.ask(houses, content=WAV, headers={"content-type": "audio/wav"})
        assert response.json() == written_down(houses)

    async def test_raw_sound_that_is_declared(self, houses: Houses) -> None:
        kind = {"content-type": "audio/L16;rate=16000"}
        assert (await self.ask(houses, content=WAV[44:], headers=kind)).json() == written_down(
            houses
        )

    @pytest.mark.parametrize("recipe", ["webm, live", "ogg, Opus", "mp3", "mp4, AAC", "flac"])
    async def test_the_format_is_found_out(self, houses: Houses, recipe: str) -> None:
        response = await self.ask(houses, files={"file": ("a.bin", encoded(recipe), "text/plain")})
        assert response.json()["text"] == HEARD
        assert response.json()["duration_seconds"] == pytest.approx(1.0, abs=0.1)

    @pytest.mark.parametrize("language", ["", "auto", None])
    async def test_the_servers_own_language_is_the_usual_one(
        self, houses: Houses, language: str | None
    ) -> None:
        response = await self.ask(
            houses, json={"audio_base64": base64_of(WAV), "language": language}
        )
        assert response.json()["language"] == "en"

    async def test_silence_has_no_words(self, houses: Houses) -> None:
        body = (await self.ask(houses, files={"file": ("a.wav", SILENCE)})).json()
        assert (body["text"], body["confidence"], body["duration_seconds"]) == ("", 0.0, 2.0)

    @pytest.mark.parametrize("size", [0, 99, 100])
    async def test_an_empty_recording(self, houses: Houses, size: int) -> None:
        for request in (
            {"content": b"\0" * size},
            {"files": {"file": ("a.wav", b"\0" * size)}},
            {"json": {"audio_base64": base64_of(b"\0" * size)}},
        ):
            response = await self.ask(houses, **request)
            assert response.status_code == 400
            assert sentence(response).startswith("The recording is empty")

    async def test_one_that_is_too_large(self, houses: Houses) -> None:
        thirty_megabytes = b"\0" * 30_000_000
        for request in (
            {"content": thirty_megabytes},
            {"files": {"file": ("a.wav", thirty_megabytes)}},
            {"json": {"audio_base64": base64_of(thirty_megabytes)}},
        ):
            response = await self.ask(houses, **request)
            assert response.status_code == 413
            assert "too large" in sentence(response) or "larger than 25 MB" in sentence(response)

    @pytest.mark.parametrize(
        ("request_", "wrong"),
        [
            ({"content": b"x" * 200}, "This is not a recording that can be decoded."),
            ({"content": b"[" + b" " * 200}, "This is JSON text"),
            ({"content": b"{nonsense" + b" " * 200}, "The body is not valid JSON."),
            ({"json": {}}, "The field 'audio_base64' is wrong: Field required."),
            ({"json": {"audio_base64": 7}}, "The field 'audio_base64' is wrong"),
            ({"json": {"audio_base64": "!!!"}}, "The field 'audio_base64' is not valid base64."),
            ({"json": {"audio_base64": "é" * 200}}, "The field 'audio_base64' is not valid"),
            ({"files": {"other": ("a.wav", WAV)}}, "The form holds no recording."),
            ({"data": {"file": "a.wav"}}, "The form holds no recording."),
            (
                {"files": {"file": ("a.wav", WAV)}, "data": {"language": "xx"}},
                "The {engine} engine does not understand the language 'xx'. It understands ",
            ),
            (
                {"files": {"file": ("a.wav", WAV)}, "data": {"language": "x" * 300}},
                "The field 'language' is too long.",
            ),
        ],
    )
    async def test_what_can_not_be_used(
        self, houses: Houses, request_: dict[str, Any], wrong: str
    ) -> None:
        response = await self.ask(houses, **request_)
        assert response.status_code == 422
        assert sentence(response).startswith(wrong.format(engine=houses.stt))

    async def test_a_form_that_is_no_form(self, houses: Houses) -> None:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        response = await self.ask(houses, content=b"--nothing of that kind", headers=kind)
        assert response.status_code == 422
        assert sentence(response)
