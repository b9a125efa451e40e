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

SCRIPTED = {"VAD": "scripted", "STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
START = "import typer; from repartee.cli.mqtt import mqtt; typer.run(mqtt)"


@contextmanager
def a_process(broker: Mosquitto, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", START, "--broker", broker.url],
        env={**os.environ, **SCRIPTED, "DATABASE_URL": "sqlite:///:memory:"},
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
        with a_process(broker, tmp_path) as process:
            await it.until("repartee/status", seconds=30)
            await it.ask("Are you there?")
            assert await it.answer() == "You said: Are you there?"
            process.send_signal(number)
            assert (await it.until("repartee/status", 2)).payload == b"offline"
            assert process.wait(10) == 0


def run(folder: Path, *args: str) -> Result:
    app = typer.Typer()
    app.command()(politely(mqtt))
    with log_restored():
        return CliRunner().invoke(app, args, env={**SCRIPTED, "DATABASE_URL": "sqlite:///:memory:"})


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
    assert "pip install 'repartee[mqtt]'" in result.stderr
