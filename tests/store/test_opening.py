"""A database that is not to be had when the server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.errors import SettingsError
from repartee.store import opening
from repartee.store.protocol import StoreUnavailable
from repartee.store.sql import SqlStore

pytestmark = pytest.mark.anyio


class Held:
    """The store can't be used the first few times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, times: int) -> None:
        self.tries = 0
        able = getattr(SqlStore, method)

        async def tried(store: SqlStore, *arguments: object) -> object:
            self.tries += 1
            if self.tries <= times:
                raise StoreUnavailable("The database is locked.")
            return await able(store, *arguments)

        monkeypatch.setattr(SqlStore, method, tried)
        monkeypatch.setattr(opening, "PAUSE_SECONDS", 0.001)


async def test_one_that_is_locked_for_a_moment_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held = Held(monkeypatch, "open", times=3)
    async with opening.opened(f"sqlite:///{tmp_path}/calls.db") as store:
        assert await store.sessions(10) == []
    assert held.tries == 4


async def test_one_that_stays_locked_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    Held(monkeypatch, "open", times=1_000_000)
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(SettingsError, match="DATABASE_URL names can't be used"):
        async with opening.opened("sqlite:///:memory:"):
            pass


async def test_one_that_can_only_be_read_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Held(monkeypatch, "mark_abandoned", times=1)
    async with opening.opened("sqlite:///:memory:") as store:
        assert await store.sessions(10) == []
    assert "turns may be lost" in caplog.text
