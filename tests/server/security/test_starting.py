"""Nobody opens a server to the network by mistake."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from repartee.errors import SettingsError
from repartee.server.security.starting import check_certificate, check_who_may_come
from repartee.settings import Settings
from repartee.store.opening import visited
from repartee.store.protocol import StoredKey

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/repartee.db"


def load(**env: str) -> Settings:
    return Settings.load(env=env, dotenv=None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9", "me.localhost"])
async def test_who_keeps_to_this_machine_is_asked_nothing(host: str) -> None:
    settings = load(HOST=host)
    assert not settings.asks_for_keys
    await check_who_may_come(settings)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "voice.home", "localhost.evil"])
async def test_the_network_is_let_in_with_keys_or_not_at_all(host: str, url: str) -> None:
    settings = load(HOST=host, DATABASE_URL=url)
    assert settings.asks_for_keys
    with pytest.raises(SettingsError) as stopped:
        await check_who_may_come(settings)
    sentence = str(stopped.value)
    assert sentence.startswith(f"HOST is {host}, so others can reach the server, but there is no")
    for way_out in ("repartee keys create", "API_KEYS", "ALLOW_STRANGERS=true", "HOST=127.0.0.1"):
        assert way_out in sentence


async def test_nor_by_a_proxy(url: str) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES is set, so others can reach"):
        await check_who_may_come(load(TRUSTED_PROXIES="127.0.0.1", DATABASE_URL=url))


async def test_a_key_in_the_database_is_enough(url: str) -> None:
    async with visited(url) as store:
        await store.keep_key(StoredKey(digest="ab" * 32, name="laptop", created_at=1.0))
    settings = load(HOST="0.0.0.0", DATABASE_URL=url)
    await check_who_may_come(settings)
    assert settings.asks_for_keys


async def test_so_is_one_in_the_settings() -> None:
    settings = load(HOST="0.0.0.0", API_KEYS="sixteen-characters,and-another-of-them")
    await check_who_may_come(settings)
    assert settings.asks_for_keys
    assert len(settings.api_keys) == 2


async def test_and_so_is_to_say_that_strangers_may_come(caplog: pytest.LogCaptureFixture) -> None:
    settings = load(HOST="0.0.0.0", ALLOW_STRANGERS="true")
    await check_who_may_come(settings)
    assert not settings.asks_for_keys
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.messages == [
        "Everybody who reaches the server is let in without a key, for ALLOW_STRANGERS is true."
    ]


@pytest.mark.parametrize("given", [{}, {"ALLOW_STRANGERS": "true"}, {"API_KEYS": "k" * 16}])
async def test_where_no_stranger_comes_nobody_is_warned(
    given: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    await check_who_may_come(load(**given))
    assert caplog.messages == []


async def test_who_asks_for_keys_may_make_the_first_one_later(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for host in ("127.0.0.1", "0.0.0.0"):
        settings = load(HOST=host, REQUIRE_KEYS="true", DATABASE_URL=url)
        await check_who_may_come(settings)
        assert settings.asks_for_keys
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "repartee keys create" in caplog.text


@pytest.mark.parametrize("asked", [{"REQUIRE_KEYS": "true"}, {"API_KEYS": "sixteen-characters"}])
def test_nobody_is_let_in_and_asked_at_once(asked: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^ALLOW_STRANGERS and \w+ are both set"):
        load(ALLOW_STRANGERS="true", **asked)


@pytest.mark.parametrize("keys", ["short", "sixteen-characters,short", "with a space in the key"])
def test_a_key_that_could_be_guessed_is_refused_and_not_shown(keys: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        load(API_KEYS=keys)
    assert str(wrong.value) == (
        "API_KEYS is not usable, but must be keys of 16 to 200 letters, digits and signs, "
        "separated by commas."
    )


def test_no_key_is_ever_shown() -> None:
    settings = load(API_KEYS="sixteen-characters", TOKEN_SECRET="a-secret-of-sixteen")
    assert "sixteen" not in repr(settings)


def test_a_certificate_that_is_none_stops_the_start(tmp_path: Path) -> None:
    check_certificate(load())
    with pytest.raises(SettingsError, match="names no file that is there"):
        check_certificate(load(TLS_CERT=str(tmp_path / "none.pem")))
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    with pytest.raises(SettingsError, match="are no certificate and its key"):
        check_certificate(load(TLS_CERT=str(nonsense), TLS_KEY=str(nonsense)))
    with pytest.raises(SettingsError, match="TLS_KEY is set, but TLS_CERT is not"):
        load(TLS_KEY=str(nonsense))


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("TRUSTED_HOSTS", "Voice.Home, *.our.example", ("voice.home", ".our.example")),
        ("TRUSTED_HOSTS", "*", ("*",)),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1/128")),
        ("TRUSTED_PROXIES", "*", ("*",)),
    ],
)
def test_names_and_networks(name: str, written: str, meant: tuple[str, ...]) -> None:
    assert getattr(load(**{name: written}), name.lower()) == meant


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("TRUSTED_HOSTS", "https://voice.example"),
        ("TRUSTED_HOSTS", "voice.example:443"),
        ("TRUSTED_HOSTS", "a b"),
        ("TRUSTED_PROXIES", "proxy"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TOKEN_SECRET", "short"),
        ("TOKEN_SECONDS", "0"),
    ],
)
def test_what_is_none_is_told(name: str, written: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is "):
        load(**{name: written})
