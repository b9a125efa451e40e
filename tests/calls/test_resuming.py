"""Going on with a conversation whose line was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from repartee.calls.clock import wall_time
from repartee.calls.resuming import RESUMABLE_SECONDS, Resumable, resumable
from repartee.calls.roster import Roster
from repartee.conversation.memory import Message
from repartee.store.keeper import Keeper, keeping
from repartee.store.opening import opened
from repartee.store.protocol import Store
from repartee.testing.checks.store import a_session, a_turn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with opened("sqlite:///:memory:") as store:
        yield store


@pytest.fixture
async def keeper(store: Store) -> AsyncIterator[Keeper]:
    async with keeping(store) as keeper:
        yield keeper


async def found(store: Store, keeper: Keeper, session_id: str, owner: str = "") -> Resumable | None:
    return await resumable(session_id, "ws", store, keeper, Roster(1), owner)


async def test_what_was_heard_is_there_again(store: Store, keeper: Keeper) -> None:
    session = a_session(interface="ws", created_at=wall_time())
    keeper.session_began(session)
    asked = {"user_text": "tell me a story", "assistant_text": "Once upon a time there was a king."}
    keeper.keep(a_turn(session, 1, **asked, heard_text="Once upon a time", status="interrupted"))
    keeper.keep(a_turn(session, 3, user_text="", heard_text="Sorry?", status="low_confidence"))
    again = await found(store, keeper, session.id)
    assert again is not None
    assert again.session.id == session.id
    assert again.past.messages == (
        Message("user", "tell me a story"),
        Message("assistant", "Once upon a time"),
    )
    assert again.past.replies == 3


async def test_a_session_that_ended_long_ago_is_over(store: Store, keeper: Keeper) -> None:
    session = a_session(interface="ws", created_at=wall_time() - 10_000)
    keeper.session_began(session)
    await keeper.session_ended(session.id, wall_time() - RESUMABLE_SECONDS - 1)
    assert await found(store, keeper, session.id) is None


@pytest.mark.parametrize(
    "session_id", ["", "nonsense", "5f0c1c6e-8a53-4c53-9a3b-0d6b2f1f3a11", "'; drop table"]
)
async def test_nobody_else_is_found(store: Store, keeper: Keeper, session_id: str) -> None:
    assert await found(store, keeper, session_id) is None


async def test_nor_with_anothers_key(
    store: Store, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung_up: list[str] = []

    async def hang_up(roster: Roster, call_id: str, within_seconds: float = 2.0) -> None:
        hung_up.append(call_id)

    monkeypatch.setattr(Roster, "hang_up", hang_up)
    session = a_session(interface="ws", created_at=wall_time(), owner="me")
    await keeper.session_began(session)
    assert await found(store, keeper, session.id, "you") is None
    assert hung_up == [], "nobody hangs up for others"
    again = await found(store, keeper, session.id, "me")
    assert again is not None
    assert again.session.owner == "me"
    assert hung_up == [session.id]


async def test_its_old_line_may_hang_on_another_server(store: Store, keeper: Keeper) -> None:
    """What is still said there comes too late, and that line hears that it lost the session."""
    session = a_session(interface="ws", created_at=wall_time())
    async with keeping(store) as other:
        other.session_began(session)
        await other.keep(a_turn(session, 1))
        again = await found(store, keeper, session.id)
        assert again is not None
        keeper.session_began(again.session)
        await keeper.keep(a_turn(session, 2, user_text="said on the new line"))
        assert not await other.keep(a_turn(session, 2, user_text="said on the old line"))
        async with asyncio.timeout(10):
            await other.until_elsewhere(session.id)
        await other.session_ended(session.id, wall_time())
    turns = await store.turns(session.id)
    assert [turn.user_text for turn in turns][1:] == ["said on the new line"]
    assert (await store.session(session.id)).status == "active"


async def test_nobody_is_hung_up_elsewhere_for_who_finds_nothing(
    store: Store, keeper: Keeper
) -> None:
    session = a_session(interface="ws", created_at=wall_time(), owner="me")
    async with keeping(store) as other:
        await other.session_began(session)
        assert await found(store, keeper, session.id, "you") is None
        assert await resumable(session.id, "call", store, keeper, Roster(1)) is None
        assert await other.keep(a_turn(session, 1))


async def test_nor_on_another_interface(store: Store, keeper: Keeper) -> None:
    session = a_session(interface="call", created_at=wall_time())
    await keeper.session_began(session)
    assert await found(store, keeper, session.id) is None
