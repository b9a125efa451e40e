"""Signs of life are given again and again, and what dead servers left is looked for."""

from __future__ import annotations

import pytest

from repartee.store.heartbeat import (
    BEAT_EVERY_SECONDS,
    LOOK_EVERY_SECONDS,
    SILENT_SECONDS,
    end_what_the_dead_left,
    others_live,
    show_life,
)
from repartee.store.opening import opened
from repartee.store.protocol import StoreUnavailable
from repartee.testing.checks.store import a_session
from tests.calls.fakes import Trouble, hangs, raises
from tests.store.keeping import at_work
from tests.store.test_retention import Enough, Naps

pytestmark = pytest.mark.anyio


async def test_a_sign_is_given_at_once_and_then_again_and_again() -> None:
    async with opened("sqlite:///:memory:") as store, at_work(store) as keeper:
        session = a_session()
        await keeper.session_began(session)
        naps = Naps(2)
        with pytest.raises(Enough):
            await show_life(keeper, naps)
        assert naps.taken == [BEAT_EVERY_SECONDS] * 3
        assert await store.mark_abandoned(SILENT_SECONDS) == 0


def test_several_signs_may_fail_before_a_server_counts_as_dead() -> None:
    assert SILENT_SECONDS >= 3 * BEAT_EVERY_SECONDS


@pytest.mark.parametrize("answer", [True, False])
async def test_whether_others_live_is_asked_of_the_database(answer: bool) -> None:
    class Knows:
        async def has_company(self, within_seconds: float) -> bool:
            assert within_seconds > 2 * BEAT_EVERY_SECONDS
            return answer

    assert await others_live(Knows()) is answer  # type: ignore[arg-type]


@pytest.mark.parametrize("trouble", [raises(StoreUnavailable("It is locked.")), hangs])
async def test_where_that_can_not_be_known_nobody_is_counted_on(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Troubled:
        async def has_company(self, within_seconds: float) -> bool:
            await trouble()
            return True

    monkeypatch.setattr("repartee.store.heartbeat._ANSWER_SECONDS", 0.01)
    assert not await others_live(Troubled())  # type: ignore[arg-type]


class Answers:
    def __init__(self, *marked: int | Exception) -> None:
        self._marked = list(marked)
        self.asked: list[float] = []

    async def mark_abandoned(self, silent_seconds: float) -> int:
        self.asked.append(silent_seconds)
        marked = self._marked.pop(0)
        if isinstance(marked, Exception):
            raise marked
        return marked


async def test_the_dead_are_looked_for_whatever_the_database_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, naps = Answers(StoreUnavailable("The database is locked."), 0, 3), Naps(3)
    with pytest.raises(Enough):
        await end_what_the_dead_left(store, naps)  # type: ignore[arg-type]
    assert naps.taken == [LOOK_EVERY_SECONDS] * 4
    assert store.asked == [SILENT_SECONDS] * 3
    assert [record.message for record in caplog.records] == [
        "3 sessions of a server that died are closed."
    ]
