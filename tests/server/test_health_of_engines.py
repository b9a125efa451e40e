"""Health tells of an engine that can't work any more."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message, Sampling, Speech
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineLocked
from tests.calls.fakes import FakeModel, raises, writes
from tests.calls.line import scripted
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio


async def test_an_engine_that_stopped_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engines: Any = scripted()
    async with open_house(engines=engines) as house, asking(house) as client:
        assert (await client.get("/health")).json()["status"] == "healthy"
        monkeypatch.setattr(engines.stt, "ready", False, raising=False)
        health = (await client.get("/health")).json()
    assert health["status"] == "degraded"
    assert health["engines"]["stt"]["ready"] is False
    assert health["engines"]["llm"]["ready"] is True


async def test_a_chain_tells_who_serves_and_how_the_others_are() -> None:
    locked = raises(EngineLocked("GEMINI_API_KEY is not accepted by Gemini."))
    chain = ResponderChain([FakeModel(writes("", locked)), ScriptedResponder()], ChainRules())
    await chain.open()
    async with open_house(engines=scripted(llm=chain)) as house, asking(house) as client:
        before = (await client.get("/health")).json()["engines"]["llm"]
        words = chain.respond(Caller("a"), [Message("user", "Hello?")], Sampling())
        assert [word async for word in words]
        after = (await client.get("/health")).json()["engines"]["llm"]
        alone = (await client.get("/health")).json()["engines"]["stt"]
    await chain.close()
    assert (before["name"], before["serving"], before["ready"]) == ("fake,scripted", "fake", True)
    assert after["serving"] == "scripted"
    first, second = after["chain"]
    assert (first["name"], first["state"], second["state"]) == ("fake", "resting", "working")
    assert first["rests_s"] > 0
    assert first["why"] == "GEMINI_API_KEY is not accepted by Gemini."
    assert alone == {"name": "scripted", "ready": True}


async def test_the_caches_of_all_voices_are_counted_together() -> None:
    voices = [Cached(ScriptedSynthesizer(), 1 << 20) for _ in "ab"]
    chain = SynthesizerChain(voices, ChainRules())
    await chain.open()
    async with open_house(engines=scripted(tts=chain)) as house, asking(house) as client:
        for _ in range(2):
            await client.post("/api/voice/synthesize", json={"text": "Hello."})
        assert [sound async for sound in voices[1].synthesize("By the other voice.", Speech())]
        cache = (await client.get("/api/voice/health")).json()["cache"]
    await chain.close()
    assert (cache["hits"], cache["misses"]) == (1, 2)
