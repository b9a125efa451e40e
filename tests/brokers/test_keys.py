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
from repartee.errors import EngineLocked, SettingsError
from repartee.server.security.keys import KeyRing, digest_of
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
            ({"HOST": "0.0.0.0", "BROKER_ALLOW_STRANGERS": "true"}, False),
            ({"TRUSTED_PROXIES": "127.0.0.1", "BROKER_ALLOW_STRANGERS": "true"}, False),
            ({"HOST": "0.0.0.0", "ALLOW_STRANGERS": "true"}, True),
            ({"HOST": "0.0.0.0", "ALLOW_STRANGERS": "true", "KEYS": KEY}, True),
            # What is said of the broker itself goes before what is said of the server.
            ({"HOST": "0.0.0.0", "BROKER_ALLOW_STRANGERS": "true", "API_KEYS": KEY}, False),
            ({"HOST": "0.0.0.0", "BROKER_ALLOW_STRANGERS": "true", "REQUIRE_KEYS": "1"}, False),
            ({"KEYS": KEY}, True),
            ({"API_KEYS": KEY}, True),
            ({"REQUIRE_KEYS": "true"}, True),
            ({"TRUSTED_PROXIES": "127.0.0.1"}, True),
        ],
    )
    def test_it_is_as_at_the_server(self, kind: Any, given: dict[str, str], asked: bool) -> None:
        prefix = {"stt": "SST_", "tts": "TTS_"}[kind]
        own = {"HOST": "BROKER_HOST", "KEYS": "BROKER_KEYS"}
        names = {name: own.get(name, name) for name in given}
        env = {
            (prefix + name if name.startswith("BROKER_") else name): given[one]
            for one, name in names.items()
        }
        settings = Settings.load(env=env, dotenv=None)
        assert in_the_servers_place(settings, kind).asks_for_keys is asked

    @pytest.mark.parametrize("broker", ["SST_BROKER", "TTS_BROKER"])
    def test_nobody_is_let_in_and_asked_at_once(self, broker: str) -> None:
        sentence = f"^{broker}_ALLOW_STRANGERS and {broker}_KEYS are both set"
        env = {f"{broker}_ALLOW_STRANGERS": "true", f"{broker}_KEYS": KEY}
        with pytest.raises(SettingsError, match=sentence):
            Settings.load(env=env, dotenv=None)

    @pytest.mark.parametrize("broker", ["SST_BROKER", "TTS_BROKER"])
    def test_who_lets_strangers_come_to_a_broker_has_not_said_so_of_the_server(
        self, broker: str
    ) -> None:
        env = {"HOST": "0.0.0.0", "API_KEYS": KEY, f"{broker}_ALLOW_STRANGERS": "true"}
        assert Settings.load(env=env, dotenv=None).asks_for_keys

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

    async def test_they_are_followed_again_after_whatever_went_wrong(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.server.beside.FIRST_PAUSE_SECONDS", 0.0)
        begun, again = 0, anyio.Event()

        async def broken_at_first(*_: object) -> None:
            nonlocal begun
            begun += 1
            if begun == 1:
                raise ZeroDivisionError
            again.set()

        monkeypatch.setattr(KeyRing, "follow", broken_at_first)
        async with speaking("", "scripted", database_url=database_url, **TTS_KEYS):
            with anyio.fail_after(10):
                await again.wait()

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


class TestOneEnvFileForBoth:
    """A server and a broker on one machine read the same settings."""

    async def test_the_server_shows_its_own_key_where_none_is_made_for_the_broker(self) -> None:
        shared = {"api_keys": f"{KEY},{OTHER_KEY}"}
        async with served(tts("", "scripted", **shared)) as url:
            voice = synthesizer(scripted(tts_broker_url=url, **shared))
            await voice.open()
            assert len((await whole_sound(voice, "Hello.", Speech(voice="af"))).samples)
            await voice.close()

    @pytest.mark.parametrize("kind", ["sst", "tts"])
    @pytest.mark.parametrize(
        ("url", "keys", "shown"),
        [
            (None, "", KEY),
            ("http://localhost:9082", "", KEY),
            ("http://[::1]:9082", "", KEY),
            ("http://localhost:9082", OTHER_KEY, OTHER_KEY),
            ("http://gpu:9082", OTHER_KEY, OTHER_KEY),
            ("http://gpu:9082", "", ""),
            ("http://localhost.evil.example:9082", "", ""),
            ("http://localhost@evil.example:9082", "", ""),
            ("http://[::1", "", ""),
        ],
    )
    def test_but_shows_it_to_nobody_elsewhere(
        self, kind: str, url: str | None, keys: str, shown: str
    ) -> None:
        broker = {f"{kind}_broker_url": url, f"{kind}_broker_keys": keys}
        settings = Settings.model_validate({"api_keys": KEY, **broker})
        assert getattr(settings, f"{kind}_broker_key") == shown

    @pytest.mark.parametrize("kind", ["stt", "tts"])
    def test_the_servers_certificate_is_for_another_name(self, kind: Any) -> None:
        names = {"sst_broker_host": "0.0.0.0", "tts_broker_host": "0.0.0.0"}
        certificate = {"host": "0.0.0.0", "tls_cert": "cert.pem", "tls_key": "key.pem"}
        here = in_the_servers_place(Settings.model_validate(certificate), kind)
        assert (here.tls_cert, here.tls_key) == (None, None)
        for_all = in_the_servers_place(Settings.model_validate(certificate | names), kind)
        assert (for_all.tls_cert, for_all.tls_key) == ("cert.pem", "key.pem")
