"""The keeper of a server that shares its database: signs of life, and sessions that it has lost."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from repartee.store.keeper import Keeper
from repartee.store.protocol import Session
from repartee.testing.checks.store import a_session, a_turn
from tests.store.keeping import at_work
from tests.store.test_keeper import SESSION, Notebook

pytestmark = pytest.mark.anyio


async def test_a_sign_of_life_says_which_sessions_live_and_keeps_its_place_in_the_row() -> None:
    store, over = Notebook(), a_session()
    async with at_work(store) as keeper:
        for session in (SESSION, over):
            keeper.session_began(session)
        await keeper.session_ended(over.id, ended_at=99.5)
        assert await keeper.give_sign_of_life()
    assert store.signs == [[SESSION]]
    assert len(store.written) == 1, "with nothing to keep, nothing is written"


async def test_what_is_said_on_an_old_line_is_lost_and_all_else_is_kept() -> None:
    lost, other = a_session(), a_session()
    store = Notebook(elsewhere=[lost])
    async with at_work(store) as keeper:
        for session in (lost, other):
            keeper.session_began(session)
        receipts = [keeper.keep(a_turn(session)) for session in (lost, other)]
        assert await asyncio.gather(*receipts) == [False, True]
        assert (keeper.lost, keeper.failing) == (1, False)


async def hears_that_it_goes_on_elsewhere(keeper: Keeper, session: Session) -> None:
    async with asyncio.timeout(10):
        await keeper.until_elsewhere(session.id)


@pytest.mark.parametrize("what_tells", ["a write", "a sign of life"])
async def test_a_line_hears_that_its_session_goes_on_elsewhere(what_tells: str) -> None:
    store = Notebook(elsewhere=[SESSION])
    async with at_work(store) as keeper:
        keeper._live[SESSION.id] = SESSION
        if what_tells == "a write":
            keeper.keep(a_turn(SESSION))
        else:
            keeper.give_sign_of_life()
        await hears_that_it_goes_on_elsewhere(keeper, SESSION)


async def test_unless_it_goes_on_at_this_server() -> None:
    """The last word of the old line may come after the first one of the new line."""
    newer = msgspec.structs.replace(SESSION, generation=1)
    async with at_work(Notebook()) as keeper:
        keeper.session_began(newer)
        keeper._tell_lines([SESSION], frozenset([SESSION.id]))
        waiting = asyncio.create_task(keeper.until_elsewhere(SESSION.id))
        await asyncio.sleep(0)
        assert not waiting.done()
        keeper._tell_lines([newer], frozenset([SESSION.id]))
        await waiting
