"""What `docker compose up` starts: parts that fit together, and nothing open that need not be."""

from __future__ import annotations

import re
from typing import Any

import pytest

from repartee.settings import Settings
from tests.deploy.files import ROOT, SETTINGS, compose, seconds, text

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("server", "bridge")
KEYS_OF_A_SERVICE = {
    *("build", "cap_add", "cap_drop", "command", "depends_on", "env_file", "environment"),
    *("healthcheck", "image", "init", "logging", "ports", "profiles", "read_only", "restart"),
    *("security_opt", "stop_grace_period", "tmpfs", "user", "volumes"),
}


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
        assert re.fullmatch(r"[a-z0-9./\-]+(:[A-Za-z0-9.\-]+)?", service["image"])
        assert service["restart"] == "unless-stopped"

    def test_whom_it_waits_for_is_there(self, name: str) -> None:
        for other in SERVICES[name].get("depends_on", ()):
            assert other in SERVICES
            waits = SERVICES[name]["depends_on"]
            if isinstance(waits, dict) and waits[other]["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]

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
    assert settings.trusted_proxies == (
        COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"],
    )


def test_no_password_is_written_here() -> None:
    for name, value in SERVICES["postgres"]["environment"].items():
        assert "PASSWORD" not in name or value.startswith("${POSTGRES_PASSWORD:?")


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
