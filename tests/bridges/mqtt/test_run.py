"""`repartee mqtt`, as it is started and as it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from repartee.cli.failing import politely
from repartee.cli.mqtt import mqtt
from tests.bridges.mqtt.device import device
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.observe.restored import log_restored
from tests.programs import needed_program

SCRIPTED = {"VAD": "scripted", "STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
START = "import typer; from repartee.cli.mqtt import mqtt; typer.run(mqtt)"


@contextmanager
def a_process(url: str, folder: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", START, "--broker", url],
        env={**os.environ, **SCRIPTED, "DATABASE_URL": "sqlite:///:memory:", **settings},
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.mark.anyio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_until_it_is_told_to_stop(
    number: signal.Signals, broker: Mosquitto, tmp_path: Path
) -> None:
    async with device(broker.port) as it:
        with a_process(broker.url, tmp_path) as process:
            await it.until("repartee/status", seconds=30)
            await it.ask("Are you there?")
            assert await it.answer() == "You said: Are you there?"
            process.send_signal(number)
            assert (await it.until("repartee/status", 2)).payload == b"offline"
            assert process.wait(10) == 0


@pytest.mark.anyio
async def test_it_counts_devices_without_being_told_to(broker: Mosquitto, tmp_path: Path) -> None:
    async with device(broker.port) as it:
        with a_process(broker.url, tmp_path, LIMIT_REQUESTS_PER_MINUTE="1"):
            await it.until("repartee/status", seconds=30)
            await it.ask("Are you there?")
            await it.answer()
            await it.ask("Are you still there?")
            refusal = await it.until("hermes/error/dialogueManager")
            assert refusal.body["context"] == "limit_reached"


@pytest.fixture
def guarded(program: str, tmp_path: Path) -> Iterator[Mosquitto]:
    """One that nobody may use without a name and a password."""
    passwords = tmp_path / "passwords"
    maker = needed_program("mosquitto_passwd", package="mosquitto")
    subprocess.run(
        [maker, "-b", "-c", str(passwords), "bridge", "secret"], check=True, capture_output=True
    )
    with Mosquitto(program, tmp_path, f"password_file {passwords}", anonymous=False) as own:
        yield own


@pytest.mark.anyio
async def test_it_shows_its_password_to_a_broker_elsewhere(
    guarded: Mosquitto, tmp_path: Path
) -> None:
    # An address that is no loopback's, and leads to this machine all the same.
    url = f"mqtt://0.0.0.0:{guarded.port}"
    password = {"MQTT_USERNAME": "bridge", "MQTT_PASSWORD": "secret"}
    async with device(guarded.port, username="bridge", password="secret") as it:
        with a_process(url, tmp_path, **password):
            await it.until("repartee/status", seconds=30)
            await it.ask("Are you there?")
            assert await it.answer() == "You said: Are you there?"


def run(folder: Path, *args: str, **env: str) -> Result:
    app = typer.Typer()
    app.command()(politely(mqtt))
    given = {**SCRIPTED, "DATABASE_URL": "sqlite:///:memory:", **env}
    with log_restored():
        return CliRunner().invoke(app, args, env=given)


def test_a_broker_elsewhere_that_does_not_know_us_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(tmp_path, "--broker", "mqtt://broker.example")
    assert result.exit_code == 2
    assert result.stderr.startswith("The MQTT broker broker.example:1883 is not on this machine")


def test_a_wrong_address_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(tmp_path, "--broker", "localhost")
    assert result.exit_code == 2
    assert result.stderr.startswith("MQTT_BROKER must be an address")


def test_without_its_package_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("repartee.cli.mqtt.find_spec", lambda name: None)
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "pip install 'repartee-voice[mqtt]'" in result.stderr
