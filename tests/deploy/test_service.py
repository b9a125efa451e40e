"""The service of systemd: it has time to end, and may do nothing but its work."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from repartee.settings import Settings
from tests.deploy.files import seconds, text
from tests.programs import needed_program


@pytest.fixture
def service() -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text("deploy/repartee.service"))
    assert parser.sections() == ["Unit", "Service", "Install"]
    return dict(parser["Service"])


def test_it_has_time_to_finish_what_is_being_said(service: dict[str, str]) -> None:
    assert seconds(service["TimeoutStopSec"]) > Settings().shutdown_seconds


def test_its_helpers_are_not_stopped_before_it(service: dict[str, str]) -> None:
    """Engines in processes of their own would be gone in the middle of the last reply."""
    assert service["KillMode"] == "mixed"


def test_it_comes_back_when_it_breaks(service: dict[str, str]) -> None:
    assert service["Restart"] == "on-failure"


def test_it_writes_to_its_own_folder_only(service: dict[str, str]) -> None:
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert service["ProtectSystem"] == "strict"
    assert service["ProtectHome"] == "yes"


def test_it_has_no_rights_of_root(service: dict[str, str]) -> None:
    assert service["User"] != "root"
    assert service["CapabilityBoundingSet"] == ""
    assert service["NoNewPrivileges"] == "yes"


def test_systemd_understands_it(tmp_path: Path) -> None:
    """With a program in place of ours, which is not installed here."""
    verify = needed_program("systemd-analyze", package="systemd")
    unit = text("deploy/repartee.service").replace("/opt/repartee/bin/repartee", "/bin/true")
    (tmp_path / "repartee.service").write_text(unit)
    done = subprocess.run(
        [verify, "verify", "--man=no", str(tmp_path / "repartee.service")],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_of_the_operator_is_run_as_the_service_is(service: dict[str, str]) -> None:
    command = text("deploy/repartee")
    for name in ("User", "WorkingDirectory", "EnvironmentFile"):
        assert f"-p {name}={service[name].removeprefix('-')}" in command
    assert f'{service["ExecStart"].removesuffix(" serve")} "$@"' in command
