"""The keeper: nobody waits for it, everybody is told, and order is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from repartee.store.keeper import AT_ONCE, PAUSES, Keeper, keeping
from repartee.store.opening import opened
from repartee.store.protocol import (
    RecordRefused,
    Session,
    StoredMessage,
    StoredTurn,
    StoreUnavailable,
    UnknownSession,
)
from repartee.testing.checks.store import a_message, a_session, a_turn
from tests.store.keeping import Pauses, at_work

pytestmark = pytest.mark.anyio

SECRET = "my mother's maiden name"
DOWN = StoreUnavailable("The database can't be reached.", hint="Look if it is running.")
REFUSED = RecordRefused("The database refuses what was to be kept.")


class Notebook:
    """Writes down what is to be kept; fails as often as it is told to, and refuses some turns."""

    def __init__(
        self,
        *,
        failures: int = 0,
        failure: Exception = DOWN,
        refuses: Sequence[int] = (),
        elsewhere: Sequence[Session] = (),
    ) -> None:
        self.failures = failures
        self.tries = 0
        self.written: list[tuple[list[Session], list[StoredTurn]]] = []
        self.written_messages: list[StoredMessage] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._failure = failure
        self._refuses = refuses
        self._elsewhere = frozenset(session.id for session in elsewhere)
        self.signs: list[list[Session]] = []
        """Which sessions were live, with each sign of life."""

    async def keep(
        self,
        sessions: Sequence[Session],
        turns: Sequence[StoredTurn],
        messages: Sequence[StoredMessage] = (),
    ) -> frozenset[str]:
        self.tries += 1
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise self._failure
        if any(turn.number in self._refuses for turn in turns):
            raise REFUSED
        self.written.append((list(sessions), list(turns)))
        self.written_messages += messages
        return self._elsewhere.intersection(session.id for session in sessions)

    async def beat(self, live: Sequence[Session]) -> frozenset[str]:
        self.signs.append(list(live))
        return self._elsewhere.intersection(session.id for session in live)

    @property
    def written_turns(self) -> list[StoredTurn]:
        return [turn for _, turns in self.written for turn in turns]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"A keeper only keeps, and does not call {name}.")


SESSION = a_session()


def turns(count: int) -> list[StoredTurn]:
    return [a_turn(SESSION, number, user_text=SECRET) for number in range(1, count + 1)]


async def test_a_turn_is_durable_when_its_receipt_says_so() -> None:
    store = Notebook()
    async with at_work(store) as keeper:
        keeper.session_began(SESSION)
        receipt = keeper.keep(a_turn(SESSION))
        assert store.tries == 0, "keeping returns before anything is written"
        assert await receipt
    assert store.written == [([SESSION], [a_turn(SESSION)])]


async def test_all_that_waits_shares_a_transaction_and_keeps_its_order() -> None:
    store = Notebook()
    store.gate.clear()
    async with at_work(store, room=3 * AT_ONCE) as keeper:
        keeper.session_began(SESSION)
        many = turns(AT_ONCE + 50)
        receipts = [keeper.keep(turn) for turn in many[:1]]
        await asyncio.sleep(0)
        receipts += [keeper.keep(turn) for turn in many[1:]]
        store.gate.set()
        assert all(await asyncio.gather(*receipts))
    assert store.written_turns == many
    assert [len(turns) for _, turns in store.written] == [1, AT_ONCE, 49]


async def test_a_session_ends_after_its_turns() -> None:
    store = Notebook()
    async with at_work(store) as keeper:
        keeper.session_began(SESSION)
        await keeper.keep(a_turn(SESSION))
        assert await keeper.session_ended(SESSION.id, ended_at=99.5)
    (last,) = store.written[-1][0]
    assert (last.id, last.status, last.ended_at) == (SESSION.id, "ended", 99.5)


async def test_a_session_that_changes_again_and_again_is_written_once() -> None:
    store = Notebook()
    store.gate.clear()
    async with at_work(store, room=8) as keeper:
        keeper.session_began(SESSION)
        await asyncio.sleep(0)
        turn = keeper.keep(a_turn(SESSION))
        receipts = [
            keeper.session_began(msgspec.structs.replace(SESSION, persona=f"persona {number}"))
            for number in range(1_000)
        ]
        assert keeper.waiting == 3, "the first, which is being written, a turn, and the last"
        store.gate.set()
        assert all(await asyncio.gather(turn, *receipts))
        assert keeper.lost == 0
    assert [sessions[-1].persona for sessions, _ in store.written] == [
        SESSION.persona,
        "persona 999",
    ]


async def test_a_session_that_was_not_written_comes_with_its_turns() -> None:
    store = Notebook(failures=1 + len(PAUSES))
    async with at_work(store) as keeper:
        assert not await keeper.session_began(SESSION)
        assert await keeper.keep(a_turn(SESSION))
        assert keeper.lost == 0
    assert store.written == [([SESSION], [a_turn(SESSION)])]


async def test_a_database_that_fails_is_tried_again() -> None:
    store, pauses = Notebook(failures=2), Pauses()
    async with at_work(store, pauses) as keeper:
        assert await keeper.keep(a_turn(SESSION))
        assert (keeper.lost, keeper.failing) == (0, False)
    assert pauses.taken == list(PAUSES[:2])


async def test_what_can_not_be_kept_is_lost_and_said_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, pauses = Notebook(failures=10_000), Pauses()
    async with at_work(store, pauses) as keeper:
        first, second, third = turns(3)
        assert not await keeper.keep(first)
        assert store.tries == 1 + len(PAUSES)
        assert not await keeper.keep(second)
        assert store.tries == 2 + len(PAUSES), "a database that has just failed gets one chance"
        assert (keeper.lost, keeper.failing) == (2, True)
        (record,) = caplog.records
        assert "Look if it is running." in record.message

        store.failures = 0
        assert await keeper.keep(third)
        assert (keeper.lost, keeper.failing) == (2, False)
        assert "kept again" in caplog.records[-1].message
    assert SECRET not in caplog.text


async def test_one_bad_turn_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    store = Notebook(refuses=[3])
    async with at_work(store) as keeper:
        receipts = [keeper.keep(turn) for turn in turns(7)]
        assert await asyncio.gather(*receipts) == [True, True, False, True, True, True, True]
        assert (keeper.lost, keeper.failing) == (1, False)
    assert [turn.number for turn in store.written_turns] == [1, 2, 4, 5, 6, 7]
    assert SECRET not in caplog.text


async def test_more_than_there_is_room_for_is_lost_at_once() -> None:
    store = Notebook()
    async with at_work(store, room=2) as keeper:
        receipts = [keeper.keep(turn) for turn in turns(3)]
        assert keeper.lost == 1
        assert await asyncio.gather(*receipts) == [True, True, False]


async def test_a_database_that_never_answers_holds_nobody_for_long() -> None:
    store = Notebook()
    store.gate.clear()
    async with at_work(store, patience_seconds=0.01) as keeper:
        assert not await keeper.keep(a_turn(SESSION))
        assert keeper.lost == 1


async def test_who_stops_waiting_takes_nothing_away() -> None:
    store = Notebook()
    store.gate.clear()
    async with at_work(store) as keeper:
        keeper.keep(a_turn(SESSION, 1)).cancel()
        flushed = asyncio.create_task(keeper.flush())
        await asyncio.sleep(0)
        assert not flushed.done()
        store.gate.set()
        await flushed
        assert await keeper.keep(a_turn(SESSION, 2))
    assert store.written_turns == [a_turn(SESSION, 1), a_turn(SESSION, 2)]


async def test_a_store_with_a_fault_does_not_stop_the_writer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Notebook(failures=1, failure=ValueError(SECRET))
    async with at_work(store) as keeper:
        assert not await keeper.keep(a_turn(SESSION, 1))
        assert await keeper.keep(a_turn(SESSION, 2))
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


async def test_the_end_waits_for_what_is_not_written_yet() -> None:
    store = Notebook()
    async with keeping(store) as keeper:
        receipts = [keeper.keep(turn) for turn in turns(3)]
    assert await asyncio.gather(*receipts) == [True] * 3


async def test_the_end_does_not_wait_for_ever() -> None:
    store = Notebook()
    store.gate.clear()
    async with at_work(store) as keeper:
        receipts = [keeper.keep(turn) for turn in turns(3)]
        await keeper.flush(within_seconds=0.01)
    assert await asyncio.gather(*receipts) == [False] * 3
    assert keeper.lost == 3


async def test_what_it_is_doing_can_be_read() -> None:
    keeper = Keeper(Notebook())
    keeper.keep(a_turn(SESSION))
    assert repr(keeper) == "<Keeper well, 1 waiting, 0 lost>"


async def test_on_a_real_database(url: str) -> None:
    one, other = a_session(), a_session()
    async with opened(url) as store, at_work(store) as keeper:
        for session in (one, other):
            keeper.session_began(session)
        every = [a_turn(session, number) for number in range(1, 21) for session in (one, other)]
        assert all(await asyncio.gather(*(keeper.keep(turn) for turn in every)))
        assert not await keeper.keep(a_turn(a_session())), "a turn of a session that never began"
        await keeper.session_ended(one.id, ended_at=one.created_at + 5)
        assert [turn.number for turn in await store.turns(one.id)] == list(range(1, 21))
        assert [one.turns for one in await store.sessions(10)] == [20, 20]


async def test_a_session_deleted_during_its_call_may_go_on(url: str) -> None:
    session = a_session()
    async with opened(url) as store, at_work(store) as keeper:
        keeper.session_began(session)
        await keeper.keep(a_turn(session, 1))
        await store.delete(session.id)
        with pytest.raises(UnknownSession):
            await store.session(session.id)
        assert await keeper.keep(a_turn(session, 2))
        assert [turn.number for turn in await store.turns(session.id)] == [2]


async def test_a_message_is_kept_like_a_turn_and_brings_its_session_along() -> None:
    store = Notebook()
    async with at_work(store) as keeper:
        await keeper.session_began(SESSION)
        message = a_message(SESSION)
        assert await keeper.keep(message)
        assert store.written_messages == [message]
        assert [sessions for sessions, _ in store.written] == [[SESSION], [SESSION]]
