"""Where the broker is, as people write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.errors import SettingsError
from repartee.settings import Settings


def address(url: str, **settings: Any) -> BrokerAddress:
    return BrokerAddress.of(Settings.model_validate({"mqtt_broker": url, **settings}))


@pytest.mark.parametrize(
    ("url", "host", "port", "encrypted"),
    [
        ("mqtt://localhost", "localhost", 1883, False),
        ("mqtt://10.0.0.7:1884/", "10.0.0.7", 1884, False),
        ("mqtts://broker.example", "broker.example", 8883, True),
        ("MQTTS://Broker.Example:443", "broker.example", 443, True),
        ("mqtt://[::1]:1883", "::1", 1883, False),
    ],
)
def test_host_port_and_encryption(url: str, host: str, port: int, encrypted: bool) -> None:
    found = address(url)
    assert (found.host, found.port, found.encrypted) == (host, port, encrypted)


def test_a_name_and_a_password_stand_in_the_address_or_beside_it() -> None:
    beside = {"mqtt_username": "bob", "mqtt_password": "1234"}
    found = address("mqtts://ada:let%20me%40in@broker", **beside)
    assert (found.username, found.password) == ("ada", "let me@in")
    found = address("mqtts://broker", **beside)
    assert (found.username, found.password) == ("bob", "1234")
    assert address("mqtts://broker").password is None


def test_the_password_is_never_shown() -> None:
    found = address("mqtts://ada:secret@broker")
    assert "secret" not in repr(found)
    assert repr(found) == "<BrokerAddress broker:8883 with a name>"


@pytest.mark.parametrize(
    "url",
    [
        "localhost",
        "localhost:1883",
        "http://localhost",
        "mqtt://",
        "mqtt://host:port",
        "mqtt://[::1",
        "mqtt://host/topic",
        "mqtt://host?x=1",
        "mqtt://host:99999",
    ],
)
def test_what_is_no_address_is_told_with_what_is(url: str) -> None:
    with pytest.raises(SettingsError, match="MQTT_BROKER must be an address such as mqtt://"):
        address(url)


def test_certificates_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MQTT_CA_FILE names no file"):
        address("mqtts://broker", mqtt_ca_file=str(tmp_path / "none.pem")).tls()
    nonsense = tmp_path / "key.pem"
    nonsense.write_text("no key")
    with pytest.raises(SettingsError, match="MQTT_CERT_FILE or MQTT_KEY_FILE names no file"):
        address("mqtts://broker", mqtt_cert_file=str(nonsense)).tls()


def test_without_encryption_no_certificate_is_looked_at() -> None:
    assert address("mqtt://broker", mqtt_ca_file="/none").tls() is None
