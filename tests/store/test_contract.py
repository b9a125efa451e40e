"""Every store keeps the same promises, whatever the database."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.store.opening import opened, store_at
from repartee.store.protocol import Session, Store
from repartee.testing.checks.store import a_session, a_turn, check_store, turn_id
from repartee.testing.checks.store_sharing import check_shared_store

pytestmark = pytest.mark.anyio


async def test_a_store_keeps_the_promises(url: str) -> None:
    await check_store(store_at(url))


async def test_so_it_does_for_several_servers(url: str) -> None:
    await check_shared_store(store_at(url))


async def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    url, session = f"sqlite:///{tmp_path}/repartee.db", a_session()
    async with opened(url) as store:
        await store.keep([session], [a_turn(session)])
    async with opened(url) as store:
        assert await store.turns(session.id) == [a_turn(session)]
        assert (await store.session(session.id)).status == "abandoned"


async def test_what_is_in_memory_is_gone() -> None:
    async with opened("sqlite:///:memory:") as store:
        await store.keep([a_session()], [])
    async with opened("sqlite:///:memory:") as store:
        assert await store.sessions(10) == []


def test_the_id_of_a_turn_can_be_told_before_it_is_kept() -> None:
    one, other = a_session(), a_session()
    ids = [turn_id(session.id, number) for session in (one, other) for number in (1, 2)]
    assert len(set(ids)) == 4
    assert ids[0] == turn_id(one.id, 1)


@given(
    moments=st.lists(st.sampled_from([1.0, 2.0, 2.5]), max_size=12),
    limit=st.integers(1, 5),
    newcomers=st.lists(st.sampled_from([1.0, 2.5, 3.0]), max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_pages_show_every_session_once(
    moments: list[float], limit: int, newcomers: list[float]
) -> None:
    """Whatever the moments are, and even if sessions begin while somebody turns the pages."""

    async def turn_the_pages() -> None:
        async with opened("sqlite:///:memory:") as store:
            there = [a_session(created_at=moment) for moment in moments]
            await store.keep(there, [])
            paged = await _page(store, limit, before=None)
            await store.keep([a_session(created_at=moment) for moment in newcomers], [])
            while paged and (page := await _page(store, limit, before=paged[-1].id)):
                paged += page
            ids = [session.id for session in paged]
            assert len(set(ids)) == len(ids)
            assert {session.id for session in there} <= set(ids)
            assert all(a.created_at >= b.created_at for a, b in pairwise(paged))

    asyncio.run(turn_the_pages())


async def _page(store: Store, limit: int, before: str | None) -> list[Session]:
    page = await store.sessions(limit, before)
    assert len(page) <= limit
    return page
