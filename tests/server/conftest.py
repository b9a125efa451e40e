from __future__ import annotations

import pytest

from repartee.server import measuring
from tests.server.brokered_houses import BrokeredHouses
from tests.server.houses import Houses
from tests.server.scripted_houses import ScriptedHouses


@pytest.fixture(params=[ScriptedHouses, BrokeredHouses], ids=["scripted", "brokers"])
def houses(request: pytest.FixtureRequest) -> Houses:
    """Whatever is expected of one kind of house is expected of the other."""
    kind: type[Houses] = request.param
    return kind()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fake engines are measured, and nothing waits for its time."""
    monkeypatch.setattr(measuring, "works_here", lambda engines, kind: True)
    monkeypatch.setattr(measuring, "usable_cores", lambda: 3)
    for wait in ("START_SECONDS", "QUIET_SECONDS", "FAILED_SECONDS"):
        monkeypatch.setattr(measuring, wait, 0.0)
