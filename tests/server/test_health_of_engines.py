"""Health tells of an engine that can't work any more."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.calls import desk
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message, Sampling, Speech
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineMissing,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)
from tests.calls.fakes import FakeModel, TroubledVoice, hangs, raises, writes
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


async def test_the_voice_interface_knows_it_too_and_tries_in_vain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engines: Any = scripted()
    async with open_house(engines=engines) as house, asking(house) as client:
        monkeypatch.setattr(engines.stt, "ready", False, raising=False)
        health = (await client.get("/api/voice/health")).json()
    assert (health["status"], health["sst_healthy"]) == ("degraded", False)
    assert health["sst_problem"] == "It did not work when it was last looked at."
    assert (health["tts_healthy"], health["tts_problem"]) == (True, None)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (EngineUnreachable("gpu:8082 can't be reached."), "Its service can't be reached."),
        (EngineLocked("KEY is not accepted."), "Its service does not let this server in."),
        (EngineBusy("gpu:8082 has no time."), "Its service is not available at the moment."),
        (EngineNonsense("gpu:8082 is odd."), "Its service answers what can't be used."),
        (EngineTimeout("gpu:8082 is slow."), "It takes too long to answer."),
        (EngineMissing("/opt/models is empty."), "Something that it needs is not installed."),
        (EngineFailed("It broke at gpu:8082."), "It failed."),
    ],
)
async def test_what_is_wrong_is_said_without_names(trouble: EngineError, words: str) -> None:
    engines = scripted(tts=TroubledVoice(raises(trouble)))
    async with open_house(engines=engines) as house, asking(house) as client:
        health = (await client.get("/api/voice/health")).json()
    assert (health["status"], health["tts_healthy"]) == ("degraded", False)
    assert health["tts_problem"] == words


async def test_an_engine_that_does_not_answer_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk, "_ANSWER_SECONDS", 0.05)
    engines = scripted(tts=TroubledVoice(hangs))
    async with open_house(engines=engines) as house, asking(house) as client:
        assert (await client.get("/api/voice/health")).status_code == 200
        assert house.errands.speaking.busy, "The trial goes on by itself."


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
