"""What the voice interface tells of itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.server.houses import Houses
from tests.server.voice_asking import (
    client,
)

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


class TestAbout:
    async def test_the_voices(self, houses: Houses) -> None:
        async with client(houses) as asker:
            body = (await asker.get("/api/voice/voices")).json()
        assert {"af_heart", "af", "am", "bf", "bm"} <= set(body["voices"])
        assert (body["default_voice"], body["service"]) == ("af_heart", houses.tts)
        assert [one["name"] for one in body["details"]] == body["voices"]
        assert body["details"][0] == {
            "name": "af_heart",
            "language": "en-us",
            "gender": "female",
            "engine": houses.tts,
        }

    async def test_every_voice_of_the_list_can_be_asked_for(self, houses: Houses) -> None:
        async with client(houses) as asker:
            for name in (await asker.get("/api/voice/voices")).json()["voices"]:
                wish = {"text": "Yes.", "voice": name}
                assert (await asker.post("/api/voice/synthesize", json=wish)).status_code == 200

    async def test_the_examples_in_the_docs_work_when_they_are_pasted(self, houses: Houses) -> None:
        async with client(houses) as asker:
            described = (await asker.get("/openapi.json")).json()
            schemas = described["components"]["schemas"]
            for path, model in (
                ("synthesize", "SynthesisRequest"),
                ("audio-stream", "StreamRequest"),
                ("message", "MessageRequest"),
            ):
                example = _example(schemas[model])
                response = await asker.post(f"/api/voice/{path}", json=example)
                assert response.status_code == 200, response.text
            taken = described["paths"]["/api/voice/transcribe"]["post"]["requestBody"]["content"]
            example = _example(taken["application/json"]["schema"])
            response = await asker.post("/api/voice/transcribe", json=example)
            assert response.status_code == 200, response.text
            batch = described["paths"]["/api/voice/synthesize-batch"]["post"]["requestBody"]
            example = batch["content"]["application/json"]["example"]
            results = (await asker.post("/api/voice/synthesize-batch", json=example)).json()
            assert all("audio_base64" in result for result in results)

    async def test_what_can_go_wrong_is_in_the_schema_and_on_its_page(self, houses: Houses) -> None:
        async with client(houses) as asker:
            paths = (await asker.get("/openapi.json")).json()["paths"]
        page = (ROOT / "docs/voice-api.md").read_text()
        [told] = re.findall(
            r"^## When something is wrong$(.+?)^## ", page, re.DOTALL | re.MULTILINE
        )
        rows = re.findall(r"^\| ([\d, ]+) \|", told, re.MULTILINE)
        statuses = {status for row in rows for status in row.split(", ")}
        assert "429" in statuses
        assert set(paths["/api/voice/transcribe"]["post"]["responses"]) == statuses | {"200"}


def _example(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: field["examples"][0] for name, field in schema["properties"].items()}
