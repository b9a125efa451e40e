"""What the voice interface says when an engine fails, and of how the engines do."""

from __future__ import annotations

import re

import pytest

from tests.server.houses import STATUS, Cast, Houses, Woe
from tests.server.voice_asking import (
    TEXT,
    WAV,
    client,
    sentence,
)

pytestmark = pytest.mark.anyio


class TestTroubleUpstream:
    @pytest.mark.parametrize("woe", STATUS)
    async def test_it_is_named_and_has_its_status(self, houses: Houses, woe: Woe) -> None:
        async with client(houses, Cast(ear=woe, voice=woe)) as asker:
            hearing = await asker.post("/api/voice/transcribe", content=WAV)
            speaking = await asker.post("/api/voice/synthesize", json={"text": TEXT})
        assert (hearing.status_code, speaking.status_code) == (STATUS[woe], STATUS[woe])
        assert re.fullmatch(houses.blames(woe, "ear"), sentence(hearing))
        assert re.fullmatch(houses.blames(woe, "voice"), sentence(speaking))

    async def test_an_engine_that_never_answers(self, houses: Houses) -> None:
        limits = {"sst_request_timeout": 0.05, "tts_request_timeout": 0.05}
        async with client(houses, Cast(ear=Woe.HANGS, voice=Woe.HANGS), **limits) as asker:
            for response in (
                await asker.post("/api/voice/transcribe", content=WAV),
                await asker.post("/api/voice/synthesize", json={"text": TEXT}),
            ):
                assert response.status_code == 504
                assert "took longer than 0.05 seconds" in sentence(response)

    async def test_a_fault_tells_nothing_of_itself(self, houses: Houses) -> None:
        async with client(houses, Cast(voice=Woe.FAULT)) as asker:
            wish = {"text": "The secret is out."}
            response = await asker.post("/api/voice/synthesize", json=wish)
        assert response.status_code == houses.fault_status
        assert "secret" not in sentence(response)


class TestHealth:
    async def test_healthy(self, houses: Houses) -> None:
        async with client(houses, Cast(cached=True)) as asker:
            for _ in range(3):
                await asker.post("/api/voice/synthesize", json={"text": TEXT})
            body = (await asker.get("/api/voice/health")).json()
        cache = body.pop("cache")
        assert (cache["hits"], cache["misses"], cache["sounds"]) == (2, 1, 1)
        assert body == {
            "status": "healthy",
            "sst_service": houses.stt,
            "tts_service": houses.tts,
            "sst_healthy": True,
            "tts_healthy": True,
            "sst_problem": None,
            "tts_problem": None,
        }

    async def test_degraded(self, houses: Houses) -> None:
        async with client(houses, Cast(ear=Woe.UNREACHABLE)) as asker:
            body = (await asker.get("/api/voice/health")).json()
        assert (body["status"], body["sst_healthy"], body["tts_healthy"]) == (
            "degraded",
            False,
            True,
        )
        assert body["sst_problem"].startswith("Its service ")
        assert "127.0.0.1" not in str(body), "Anybody may ask this."
