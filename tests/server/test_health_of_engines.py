"""Health tells of an engine that can't work any more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls.line import scripted
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio


async def test_an_engine_that_stopped_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engines: Any = scripted()
    async with open_house(engines=engines) as house, asking(house) as client:
        assert (await client.get("/health")).json()["status"] == "healthy"
        monkeypatch.setattr(engines.stt, "ready", False, raising=False)
        health = (await client.get("/health")).json()
    assert health["status"] == "degraded"
    assert health["engines"]["stt"]["ready"] is False
    assert health["engines"]["llm"]["ready"] is True
