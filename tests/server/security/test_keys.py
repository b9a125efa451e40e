"""The keys that open the server: where they come from, and what ends when one is revoked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import anyio
import msgspec
import pytest

from repartee.server.security.keys import KeyRing, digest_of, new_key
from repartee.store.opening import opened
from repartee.store.protocol import Store, StoredKey, StoreUnavailable

pytestmark = pytest.mark.anyio

GIVEN = "a-key-of-the-settings"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with opened("sqlite:///:memory:") as store:
        yield store


async def made(store: Store, name: str = "laptop", **more: bool) -> str:
    key = new_key()
    await store.keep_key(StoredKey(digest=digest_of(key), name=name, created_at=1.0, **more))
    return key


def test_a_new_key_can_not_be_guessed() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"rk_[A-Za-z0-9_\-]{43}", key) for key in keys)


def test_a_key_of_the_settings_opens_and_is_no_admin() -> None:
    ring = KeyRing([GIVEN])
    found = ring.find(GIVEN)
    assert found is not None
    assert not found.admin
    assert ring.named_by(found.id) == found


@pytest.mark.parametrize("text", ["", "a", GIVEN.upper(), f"{GIVEN} ", digest_of(GIVEN), "\xff"])
def test_nothing_else_opens(text: str) -> None:
    assert KeyRing([GIVEN]).find(text) is None


def test_a_beginning_that_is_right_opens_nothing() -> None:
    """However unlikely: the whole digest is compared, and not only what finds the key."""
    ring = KeyRing([GIVEN])
    key = ring.find(GIVEN)
    assert key is not None
    alike = msgspec.structs.replace(key, digest=key.id + "0" * 48)
    ring._known = {alike.id: alike}
    assert ring.find(GIVEN) is None


async def test_keys_of_the_store_open_once_they_were_looked_for(store: Store) -> None:
    ring, key = KeyRing([GIVEN]), await made(store, admin=True)
    assert ring.find(key) is None
    await ring.look(store)
    found = ring.find(key)
    assert found is not None
    assert (found.name, found.admin) == ("laptop", True)
    assert ring.find(GIVEN) is not None
    assert repr(ring) == "<KeyRing of 2>"


async def test_a_key_that_is_revoked_opens_no_more_and_its_lines_end(store: Store) -> None:
    ring, key, other = KeyRing(), await made(store), await made(store, "desk")
    await ring.look(store)
    ids = [found.id for text in (key, other) if (found := ring.find(text)) is not None]
    ended: list[str] = []

    async def hold(key_id: str, ready: anyio.Event) -> None:
        with ring.line(key_id):
            ready.set()
            await anyio.sleep_forever()
        ended.append(key_id)

    async with anyio.create_task_group() as tasks:
        for key_id in (ids[0], ids[0], ids[1]):
            ready = anyio.Event()
            tasks.start_soon(hold, key_id, ready)
            await ready.wait()
        await store.delete_key("laptop")
        await ring.look(store)
        assert ring.find(key) is None
        assert ring.find(other) is not None
        while len(ended) < 2:
            await anyio.lowlevel.checkpoint()
        assert ended == [ids[0], ids[0]]
        tasks.cancel_scope.cancel()
    assert ring._lines == {}


async def test_what_goes_on_beside_its_lines_is_sent_off_once(store: Store) -> None:
    ring, sent_off = KeyRing(), list[str]()
    key = await made(store)
    looks = 0

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            await store.delete_key("laptop")
        elif looks == 3:
            await anyio.sleep_forever()

    async def send_off(key_id: str) -> None:
        sent_off.append(key_id)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ring.follow(store, sleep, send_off))
        while looks < 3:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert sent_off == [digest_of(key)[:16]]


async def test_a_database_that_fails_locks_nobody_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, key = KeyRing(), await made(store)
    await ring.look(store)

    async def fail() -> None:
        raise StoreUnavailable("The database is locked.")

    monkeypatch.setattr(store, "keys", fail)
    await ring.look(store)
    assert ring.find(key) is not None


async def test_it_looks_again_and_again(store: Store) -> None:
    ring, slept = KeyRing(), anyio.Event()

    async def sleep(seconds: float) -> None:
        if await store.keys():
            slept.set()
            await anyio.sleep_forever()
        await made(store)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ring.follow, store, sleep)
        await slept.wait()
        assert len(ring) == 1
        tasks.cancel_scope.cancel()
