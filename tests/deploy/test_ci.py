"""What CI relies on: every program that a test starts is installed there, and the page says so."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.deploy.files import ROOT, text
from tests.skipping import MAY_BE_SKIPPED

PACKAGES = {
    package
    for file in (ROOT / "tests").rglob("*.py")
    if file.name != "test_skipping.py"
    for package in re.findall(r'\bpackage="([\w-]+)"', file.read_text())
}


def test_there_are_some() -> None:
    assert {"redis-server", "postgresql", "mosquitto", "nginx", "caddy"} <= PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_it_is_installed_in_ci_and_named_on_the_page(package: str) -> None:
    wanted = r"^(?:want \S+|.*\|\| needed\+=)\s*\(?([\w-]+)\)?$"
    installed = re.findall(wanted, text(".ci/run"), re.MULTILINE)
    assert package in installed
    assert f"`{package}`" in text("docs/testing.md")


def test_what_may_be_skipped_is_named_on_the_page() -> None:
    _, _, allowed = text("docs/testing.md").partition("What may be skipped in CI all the same")
    assert re.findall(r"^\| those marked `(\w+)`", allowed, re.MULTILINE) == list(MAY_BE_SKIPPED)


def test_the_script_is_one_that_the_shell_can_read() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=True)


def test_a_night_is_for_what_takes_longer() -> None:
    nightly = text("Makefile").partition("\nnightly:")[2].partition("\n\n")[0]
    given = dict(re.findall(r"([A-Z]+_(?:FRAMES|CALLS))=(\d+)", nightly))
    assert int(given["FUZZ_FRAMES"]) >= 100_000
    assert int(given["SOAK_CALLS"]) >= 10_000
    for setting, suite in (("FUZZ_FRAMES", "tests/fuzz"), ("SOAK_CALLS", "tests/soak")):
        assert suite in nightly
        assert any(setting in file.read_text() for file in (ROOT / suite).glob("*.py"))
