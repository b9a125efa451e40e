"""What `docker compose up` starts: parts that fit together, and nothing open that need not be."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from repartee.settings import Settings
from tests.deploy.files import ROOT, SETTINGS, compose, seconds, text

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("server", "bridge")
KEYS_OF_A_SERVICE = {
    *("build", "cap_add", "cap_drop", "command", "depends_on", "env_file", "environment"),
    *("healthcheck", "image", "init", "logging", "networks", "ports", "profiles", "read_only"),
    *("restart", "security_opt", "stop_grace_period", "tmpfs", "user", "volumes"),
}
VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?|main-[0-9a-f]{40}")
"""A tag that is given once: a number with its parts, or a commit."""


def mounts() -> list[tuple[str, str]]:
    return [
        (name, mount.split(":")[0])
        for name, service in SERVICES.items()
        for mount in service.get("volumes", ())
    ]


@pytest.mark.parametrize("name", SERVICES)
class TestAService:
    def test_it_is_written_as_compose_knows_it(self, name: str) -> None:
        service = SERVICES[name]
        assert service.keys() <= KEYS_OF_A_SERVICE
        assert service["restart"] == "unless-stopped"

    def test_what_runs_tomorrow_is_what_runs_today(self, name: str) -> None:
        image, _, tag = SERVICES[name]["image"].partition(":")
        assert re.fullmatch(r"[a-z0-9./\-]+", image)
        assert VERSION.fullmatch(tag) if name not in OURS else not tag

    def test_it_is_asked_if_it_lives(self, name: str) -> None:
        check = SERVICES[name].get("healthcheck", {})
        if name == "server":  # the image knows how
            assert not check
            assert "\nHEALTHCHECK " in text("Dockerfile")
        else:
            assert check["test"][0] in ("CMD", "CMD-SHELL")
            assert seconds(check["timeout"]) < seconds(check["interval"])

    def test_whom_it_waits_for_is_there(self, name: str) -> None:
        for other in SERVICES[name].get("depends_on", ()):
            assert other in SERVICES
            waits = SERVICES[name]["depends_on"]
            if isinstance(waits, dict) and waits[other]["condition"] == "service_healthy":
                # The server's stands in its image.
                assert other == "server" or "healthcheck" in SERVICES[other]

    def test_it_does_not_depend_on_what_a_profile_leaves_out(self, name: str) -> None:
        profiles = set(SERVICES[name].get("profiles", ()))
        for other in SERVICES[name].get("depends_on", ()):
            assert set(SERVICES[other].get("profiles", ())) <= profiles


@pytest.mark.parametrize(("service", "source"), mounts())
def test_what_is_mounted_is_a_volume_or_a_file_of_ours(service: str, source: str) -> None:
    if source.startswith("."):
        assert (ROOT / source).is_file()
    else:
        assert source in COMPOSE["volumes"]


def test_only_the_proxy_is_open_to_others() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", ()):
            assert name == "caddy" or port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", OURS)
def test_what_is_set_are_settings(name: str) -> None:
    assert SERVICES[name]["environment"].keys() <= SETTINGS


def test_what_is_to_be_put_into_env_is_a_setting_or_of_compose_itself() -> None:
    named = set(re.findall(r"\$\{(\w+)", text("docker-compose.yml")))
    assert named <= SETTINGS | {"DOMAIN", "POSTGRES_PASSWORD"}


def test_the_server_starts_with_these_settings() -> None:
    given = SERVICES["server"]["environment"]
    environment = {name: _filled(value) for name, value in given.items()}
    settings = Settings.load(env=environment, dotenv=None)
    assert settings.asks_for_keys
    assert settings.trusted_hosts == ("voice.example.org",)
    assert settings.database_url == "postgresql://repartee:secret@postgres/repartee"
    (believed,) = settings.trusted_proxies
    address = SERVICES["caddy"]["networks"]["proxy"]["ipv4_address"]
    assert ip_network(believed) == ip_network(address), "Caddy is believed, and nobody else"


def test_nobody_else_gets_the_address_of_the_proxy() -> None:
    (network,) = COMPOSE["networks"]["proxy"]["ipam"]["config"]
    address = ip_address(SERVICES["caddy"]["networks"]["proxy"]["ipv4_address"])
    assert address in ip_network(network["subnet"])
    assert address not in ip_network(network["ip_range"])
    assert address != ip_address(network["gateway"])


def test_the_proxy_reaches_the_server_only() -> None:
    beside = [name for name, one in SERVICES.items() if "proxy" in one.get("networks", ())]
    assert beside == ["server", "caddy"]
    assert list(SERVICES["caddy"]["networks"]) == ["proxy"]


def test_networks_do_not_overlap() -> None:
    one, other = (
        ip_network(network["ipam"]["config"][0]["subnet"])
        for network in COMPOSE["networks"].values()
    )
    assert not one.overlaps(other)


def test_no_password_is_written_here() -> None:
    """Without those of .env, what needs them does not start."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{\w+(:\?[^}]*|:-)\}", value)
    assert "${POSTGRES_PASSWORD:-" not in text("docker-compose.yml")


def test_it_has_time_to_finish_what_is_being_said() -> None:
    assert seconds(SERVICES["server"]["stop_grace_period"]) > Settings().shutdown_seconds


@pytest.mark.parametrize("name", OURS)
def test_ours_may_do_as_little_as_possible(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]


def _filled(value: str) -> str:
    """As compose would, with DOMAIN and a password in the environment."""
    value = value.replace("${TRUSTED_HOSTS:-${DOMAIN:-}}", "voice.example.org")
    value = re.sub(r"\$\{POSTGRES_PASSWORD[^}]*\}", "secret", value)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
