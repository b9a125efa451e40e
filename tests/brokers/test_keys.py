"""Whose keys open a broker, and that the servers that use it show one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anyio
import httpx
import numpy as np
import pytest

from repartee.brokers.door import in_the_servers_place
from repartee.engines.build import recognizer, synthesizer
from repartee.engines.protocols import Caller, Speech
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineLocked
from repartee.server.security.keys import digest_of
from repartee.settings import Settings
from repartee.store.opening import visited
from repartee.store.protocol import StoredKey
from tests.brokers.behind import listening, served, speaking, stt, tts

pytestmark = pytest.mark.anyio

KEY, OTHER_KEY = "a-key-of-the-broker", "another-key-of-it"
SST_KEYS = {"sst_broker_keys": f"{KEY},{OTHER_KEY}"}
TTS_KEYS = {"tts_broker_keys": KEY}


def scripted(**settings: str) -> Settings:
    return Settings.model_validate({"vad": "scripted", **settings})


async def status(client: httpx.AsyncClient, key: str | None = None) -> int:
    headers = {} if key is None else {"X-API-Key": key}
    return (await client.get("/info", headers=headers)).status_code


class TestWhoIsAsked:
    @pytest.mark.parametrize("kind", ["stt", "tts"])
    @pytest.mark.parametrize(
        ("given", "asked"),
        [
            ({}, False),
            ({"HOST": "0.0.0.0"}, True),
            ({"HOST": "0.0.0.0", "ALLOW_STRANGERS": "true"}, False),
            ({"HOST": "0.0.0.0", "ALLOW_STRANGERS": "true", "KEYS": KEY}, True),
            ({"KEYS": KEY}, True),
            ({"API_KEYS": KEY}, True),
            ({"REQUIRE_KEYS": "true"}, True),
            ({"TRUSTED_PROXIES": "127.0.0.1"}, True),
        ],
    )
    def test_it_is_as_at_the_server(self, kind: Any, given: dict[str, str], asked: bool) -> None:
        prefix = {"stt": "SST_BROKER_", "tts": "TTS_BROKER_"}[kind]
        env = {
            (prefix + name if name in ("HOST", "KEYS") else name): value
            for name, value in given.items()
        }
        settings = Settings.load(env=env, dotenv=None)
        assert in_the_servers_place(settings, kind).asks_for_keys is asked

    def test_the_servers_own_place_is_another(self) -> None:
        settings = Settings.load(env={"HOST": "0.0.0.0"}, dotenv=None)
        assert not in_the_servers_place(settings, "stt").asks_for_keys

    async def test_on_this_machine_nobody(self) -> None:
        async with speaking("", "scripted") as client:
            assert await status(client) == 200


class TestKeys:
    async def test_those_of_the_broker(self) -> None:
        async with listening("", "scripted", **SST_KEYS) as client:
            assert [await status(client, key) for key in (KEY, OTHER_KEY)] == [200, 200]
            assert await status(client, "a-key-of-nobody-here") == 401

    async def test_those_of_the_other_broker_do_not(self) -> None:
        async with listening("", "scripted", require_keys=True, **TTS_KEYS) as client:
            assert await status(client, KEY) == 401

    async def test_those_of_the_server(self) -> None:
        async with speaking("", "scripted", api_keys=OTHER_KEY, **TTS_KEYS) as client:
            assert [await status(client, key) for key in (KEY, OTHER_KEY)] == [200, 200]

    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/repartee.db"

    async def test_those_of_the_database_until_they_are_revoked(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.server.security.keys._LOOK_EVERY_SECONDS", 0.01)
        key = "rk_one-that-was-created"
        async with visited(database_url) as store:
            await store.keep_key(StoredKey(digest=digest_of(key), name="gpu", created_at=1.0))
            given = {"database_url": database_url, **TTS_KEYS}
            async with speaking("", "scripted", **given) as client:
                assert [await status(client, one) for one in (key, KEY)] == [200, 200]
                await store.delete_key("gpu")
                with anyio.fail_after(10):
                    while await status(client, key) == 200:
                        await anyio.sleep(0.01)
                assert await status(client, KEY) == 200

    async def test_keys_that_are_written_down_need_no_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        async with speaking("", "scripted", **TTS_KEYS):
            assert os.listdir(".") == []

    async def test_where_none_is_written_down_those_of_the_usual_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        async with visited("sqlite:///./repartee.db") as store:
            await store.keep_key(StoredKey(digest=digest_of(KEY), name="gpu", created_at=1.0))
        async with speaking("", "scripted", tts_broker_host="0.0.0.0") as client:
            assert [await status(client, key) for key in (KEY, None)] == [200, 401]


class TestAServerThatUsesThem:
    async def test_it_shows_the_first(self) -> None:
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

    async def test_one_without_is_told_which_setting_it_lacks(self) -> None:
        async with served(tts("", "scripted", **TTS_KEYS)) as url:
            voice = synthesizer(scripted(tts_broker_url=url))
            await voice.open()
            with pytest.raises(EngineLocked, match="TTS_BROKER_KEYS"):
                await whole_sound(voice, "Hello.", Speech(voice="af"))
            await voice.close()
