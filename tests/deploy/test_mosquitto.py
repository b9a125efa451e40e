"""The broker of docker-compose.yml, started here by the command that starts it there."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import MQTTException, publish, subscribe

from tests.deploy.files import DEPLOY, compose
from tests.programs import needed_program

PASSWORD = "let me in"
BROKER = compose()["services"]["mosquitto"]
BRIDGE = compose()["services"]["bridge"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, port: int) -> list[str]:
    """Of the container, with its places in this folder."""
    there = BROKER["volumes"][0].split(":")[1]
    configuration = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text()
    configuration = configuration.replace("listener 1883", f"listener {port} 127.0.0.1")
    configuration = configuration.replace("/mosquitto/data", str(folder))
    passwords = str(folder / "passwords")
    configuration = configuration.replace("/tmp/passwords", passwords)
    (folder / "mosquitto.conf").write_text(f"{configuration}user {getpass.getuser()}\n")
    program, flag, script = BROKER["command"]
    script = script.replace(there, str(folder / "mosquitto.conf")).replace("$$", "$")
    return [program, flag, script.replace("/tmp/passwords", passwords)]


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def broker(folder: Path, port: int) -> Iterator[None]:
    needed_program("mosquitto_passwd", package="mosquitto")
    program = needed_program("mosquitto", "/usr/sbin/mosquitto", package="mosquitto")
    path = f"{Path(program).parent}:{os.environ['PATH']}"
    process = subprocess.Popen(
        command(folder, port), env={"PATH": path, "MQTT_PASSWORD": PASSWORD}, stdout=subprocess.PIPE
    )
    try:
        until = time.monotonic() + 10
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def test_without_a_password_it_does_not_start(tmp_path: Path, port: int) -> None:
    done = subprocess.run(
        command(tmp_path, port), env={"PATH": os.environ["PATH"]}, capture_output=True, timeout=10
    )
    assert done.returncode == 1
    assert b"Set MQTT_PASSWORD in .env." in done.stdout


def told(port: int, topic: str, password: str = PASSWORD) -> bytes:
    shown = {"username": "repartee", "password": password}
    hear: Any = subscribe.simple  # which says nothing of its types
    return bytes(hear(topic, hostname="127.0.0.1", port=port, auth=shown).payload)


def test_only_those_with_the_password_come_in(tmp_path: Path, port: int) -> None:
    with broker(tmp_path, port):
        assert told(port, "$SYS/broker/version").startswith(b"mosquitto")
        with pytest.raises(MQTTException, match="Not authorized"):
            told(port, "$SYS/broker/version", password="let me out")


def is_well(port: int, password: str = PASSWORD) -> bool:
    """What the health check of the bridge finds."""
    program, *arguments = BRIDGE["healthcheck"]["test"][1:]
    assert program == "python"
    arguments[-1] = arguments[-1].replace('"mosquitto"', f'"127.0.0.1", port={port}')
    environment = {**os.environ, "MQTT_PASSWORD": password}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, timeout=20
    )
    return done.returncode == 0


def test_the_bridge_is_well_while_the_broker_says_that_it_is_there(
    tmp_path: Path, port: int
) -> None:
    shown: Any = {"username": BRIDGE["environment"]["MQTT_USERNAME"], "password": PASSWORD}
    with broker(tmp_path, port):
        for status, well in (("online", True), ("offline", False)):
            publish.single(
                "repartee/status", status, retain=True, hostname="127.0.0.1", port=port, auth=shown
            )
            assert is_well(port) is well
        assert not is_well(port, password="let me out")
