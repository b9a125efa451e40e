"""Before the bridge connects: a broker that others can reach must know who we are."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.allowance import payer_at, with_devices_counted
from repartee.bridges.mqtt.run import run_bridge
from repartee.bridges.mqtt.starting import check_who_may_come, warn_of_listeners
from repartee.errors import SettingsError
from repartee.settings import Settings

PASSWORD = {"mqtt_username": "bridge", "mqtt_password": "secret"}
CERTIFICATE = {"mqtt_cert_file": "bridge.pem"}
ELSEWHERE = ("mqtt://broker.example", "mqtts://broker.example", "mqtt://10.0.0.7:1884")


def start(url: str, **given: Any) -> None:
    settings = Settings.model_validate({"mqtt_broker": url, **given})
    check_who_may_come(BrokerAddress.of(settings), settings.mqtt_allow_strangers)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_a_broker_on_this_machine_is_asked_nothing(host: str) -> None:
    start(f"mqtt://{host}")


@pytest.mark.parametrize("url", ELSEWHERE)
@pytest.mark.parametrize("half", [{}, {"mqtt_username": "bridge"}, {"mqtt_password": "secret"}])
def test_one_elsewhere_must_know_us(url: str, half: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as stopped:
        start(url, **half)
    sentence = str(stopped.value)
    assert sentence.startswith("The MQTT broker ")
    assert " is not on this machine, and nothing is set by which it could know " in sentence
    for way_out in ("MQTT_USERNAME", "MQTT_CERT_FILE", " MQTT_ALLOW_STRANGERS=true"):
        assert way_out in sentence


@pytest.mark.parametrize("url", ELSEWHERE)
def test_by_name_and_password(url: str) -> None:
    start(url, **PASSWORD)
    scheme, _, place = url.partition("://")
    start(f"{scheme}://bridge:secret@{place}")


def test_or_by_a_certificate_where_one_is_shown() -> None:
    start("mqtts://broker.example", **CERTIFICATE)
    with pytest.raises(SettingsError):
        start("mqtt://broker.example", **CERTIFICATE)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_unless_everybody_may_come(url: str) -> None:
    start(url, mqtt_allow_strangers=True)


def test_who_lets_strangers_come_to_the_server_has_not_said_so_of_the_bridge() -> None:
    given = {"mqtt_broker": "mqtt://broker.example", "host": "0.0.0.0", "allow_strangers": True}
    with pytest.raises(SettingsError, match="MQTT_ALLOW_STRANGERS"):
        run_bridge(Settings.model_validate(given))


def test_nor_the_other_way_round() -> None:
    """Server and bridge may read the same settings, and the server has keys of its own."""
    given = {"HOST": "0.0.0.0", "API_KEYS": "a-key-of-the-server", "MQTT_ALLOW_STRANGERS": "true"}
    assert Settings.load(env=given, dotenv=None).asks_for_keys


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("mqtt://bridge:secret@broker.example", "our password and all that is said"),
        ("mqtt://broker.example", "all that is said"),
        ("mqtts://bridge:secret@broker.example", None),
        ("mqtt://bridge:secret@localhost", None),
    ],
)
def test_what_others_may_read_on_the_way_is_told(
    url: str, read: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_listeners(BrokerAddress.of(Settings.model_validate({"mqtt_broker": url})))
    said = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert len(said) == (read is not None)
    if read is not None:
        assert said[0].startswith("Nothing is encrypted on the way to broker.example:1883, ")
        assert f" may read {read} there" in said[0]


@pytest.mark.parametrize(("limits", "counted"), [("auto", True), ("on", True), ("off", False)])
def test_devices_are_counted_unless_nobody_is(limits: str, counted: bool) -> None:
    settings = with_devices_counted(Settings.model_validate({"limits": limits}))
    assert settings.counts_callers is counted
    assert payer_at("kitchen", settings) == ("device kitchen" if counted else "")
