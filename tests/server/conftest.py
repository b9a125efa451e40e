from __future__ import annotations

import pytest

from tests.server.brokered_houses import BrokeredHouses
from tests.server.houses import Houses
from tests.server.scripted_houses import ScriptedHouses


@pytest.fixture(params=[ScriptedHouses, BrokeredHouses], ids=["scripted", "brokers"])
def houses(request: pytest.FixtureRequest) -> Houses:
    """Whatever is expected of one kind of house is expected of the other."""
    kind: type[Houses] = request.param
    return kind()
