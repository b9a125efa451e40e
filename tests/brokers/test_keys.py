"""Brokers ask nobody for a key, unless keys are set; then the servers that use them show one."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from repartee.brokers import run
from repartee.engines.build import recognizer, synthesizer
from repartee.engines.protocols import Caller, Speech
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineLocked
from repartee.settings import Settings
from tests.brokers.behind import listening, served, speaking, stt, tts

pytestmark = pytest.mark.anyio

KEY, OTHER_KEY = "a-key-of-the-broker", "another-key-of-it"
SST_KEYS = {"sst_broker_keys": f"{KEY},{OTHER_KEY}"}
TTS_KEYS = {"tts_broker_keys": KEY}


def scripted(**settings: str) -> Settings:
    return Settings.model_validate({"vad": "scripted", **settings})


async def test_strangers_are_served_as_ever() -> None:
    async with speaking("", "scripted") as client:
        assert (await client.post("/synthesize", json={"text": "Hello."})).status_code == 200


@pytest.mark.parametrize("path", ["/inference", "/load", "/info", "/broker-status", "/nothing"])
async def test_where_keys_are_set_they_open_an_stt_broker(path: str) -> None:
    async with listening("", "scripted", **SST_KEYS) as client:
        for method in ("GET", "POST"):
            refused = await client.request(method, path)
            assert refused.status_code == 401
            assert refused.json()["error"].startswith("No key that is known here was shown.")
            for key in (KEY, OTHER_KEY):
                let_in = await client.request(method, path, headers={"X-API-Key": key})
                assert let_in.status_code != 401


@pytest.mark.parametrize("path", ["/synthesize", "/synthesize-batch", "/voices", "/info"])
async def test_and_a_tts_broker(path: str) -> None:
    async with speaking("", "scripted", **TTS_KEYS) as client:
        assert (await client.post(path)).status_code == 401
        headers = {"Authorization": f"Bearer {KEY}"}
        assert (await client.post(path, headers=headers)).status_code != 401


async def test_anybody_may_ask_how_it_is() -> None:
    async with listening("", "scripted", **SST_KEYS) as client:
        for path in ("/healthz", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200


async def test_a_server_shows_the_first_key() -> None:
    async with served(stt("", "scripted", **SST_KEYS)) as url:
        engine = recognizer(scripted(sst_broker_url=url, **SST_KEYS))
        await engine.open()
        async with engine.listen(Caller("test"), "en") as hearing:
            hearing.feed(np.full(16_000, 8_000, np.int16))
            assert (await hearing.settle()).text
        await engine.close()
    async with served(tts("", "scripted", **TTS_KEYS)) as url:
        voice = synthesizer(scripted(tts_broker_url=url, **TTS_KEYS))
        await voice.open()
        assert len((await whole_sound(voice, "Hello.", Speech(voice="af"))).samples)
        await voice.close()


async def test_one_without_is_told_which_setting_it_lacks() -> None:
    async with served(tts("", "scripted", **TTS_KEYS)) as url:
        voice = synthesizer(scripted(tts_broker_url=url))
        await voice.open()
        with pytest.raises(EngineLocked, match="TTS_BROKER_KEYS"):
            await whole_sound(voice, "Hello.", Speech(voice="af"))
        await voice.close()


@pytest.mark.parametrize("kind", ["sst", "tts"])
def test_the_log_says_who_may_use_it(
    kind: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve_nothing(*_: object) -> None: ...

    monkeypatch.setattr(run, "_serve", serve_nothing)
    start = {"sst": run.run_stt_broker, "tts": run.run_tts_broker}[kind]
    for open_to_few in ({f"{kind}_broker_host": "127.0.0.1"}, {f"{kind}_broker_keys": KEY}):
        start(scripted(**open_to_few), "scripted")
    assert caplog.records == []
    start(scripted(), "scripted")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message == (
        f"Anybody on the network may use this broker; {kind.upper()}_BROKER_KEYS asks them for a "
        "key."
    )
