"""What an open house does by itself, beside its calls, so that nothing stays that should not."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from repartee.server.opening import opened_house
from repartee.server.security import keys
from repartee.store import heartbeat, retention
from repartee.store.opening import store_at
from repartee.store.protocol import StoredKey
from repartee.testing.checks.store import a_session
from tests.server.test_opening import settings

pytestmark = pytest.mark.anyio


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(20):
        while not await what():
            await anyio.lowlevel.checkpoint()


async def test_old_recordings_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FIRST_AFTER_SECONDS", 0)
    old = tmp_path / f"2026-01-02T03-04-05_{a_session().id}.jsonl"
    old.touch()
    os.utime(old, (1, 1))

    async def is_gone() -> bool:
        return not old.exists()

    async with opened_house(settings(tmp_path, record_dir=str(tmp_path), retention_days=1)):
        await until(is_gone)


async def test_what_dead_servers_left_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY_SECONDS", 0.01)
    url, left = f"sqlite:///{tmp_path}/calls.db", a_session()
    async with opened_house(settings(tmp_path, database_url=url)) as house:
        dead = store_at(url)
        await dead.open()
        await dead.keep([left], [])
        await dead.close()

        async def is_abandoned() -> bool:
            return (await house.store.session(left.id)).status == "abandoned"

        await until(is_abandoned)


async def test_conversations_with_a_revoked_key_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_LOOK_EVERY_SECONDS", 0.01)
    key = StoredKey(digest="ab" * 32, name="laptop", created_at=1.0)
    async with opened_house(settings(tmp_path, require_keys=True)) as house:
        await house.store.keep_key(key)

        async def is_known() -> bool:
            return house.keys.named_by(key.id) is not None

        async def all_are_gone() -> bool:
            return len(house.visitors) == 0

        await until(is_known)
        await house.visitors.enter("ada", "upload", key.id)
        await house.store.delete_key(key.name)
        await until(all_are_gone)
