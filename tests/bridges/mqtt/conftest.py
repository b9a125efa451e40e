"""A broker for every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.programs import needed_program


@pytest.fixture(scope="session")
def program() -> str:
    return needed_program("mosquitto", "/usr/sbin/mosquitto", package="mosquitto")


@pytest.fixture
def broker(program: str, tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(program, tmp_path) as own:
        yield own
