"""Who watches the event loop, and what is made of what is seen."""

from __future__ import annotations

import time

import anyio
import pytest

from repartee.calls.errands import ErrandRules, Errands
from repartee.calls.pressure import Pressure, Step
from repartee.calls.roster import Roster
from repartee.calls.watch import Watch, haste, p95
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio


def test_p95_leaves_out_the_worst_twentieth() -> None:
    assert p95([5.0]) == 5.0
    assert p95([*[1.0] * 19, 100.0]) == 1.0
    assert p95([*[1.0] * 18, 100.0, 100.0]) == 100.0


@pytest.mark.parametrize(
    ("in_haste", "cores", "places", "share"),
    [(0, 2, 10, 0.0), (2, 2, 10, 0.0), (7, 2, 10, 0.5), (1, 1, 1, 0.0)],
)
def test_one_in_haste_for_each_core_is_nothing(
    in_haste: int, cores: float, places: int, share: float
) -> None:
    assert haste(in_haste, cores, places) == share


async def test_a_hiccup_is_no_load() -> None:
    pressure = Pressure()
    watch = Watch(Roster(10), Errands(scripted(), ErrandRules()), pressure, cores=2)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch.run)
        await anyio.sleep(0.01)
        time.sleep(0.6)  # noqa: ASYNC251
        await anyio.sleep(0.6)
        assert pressure.load.lag_p95_ms < 400
        assert pressure.lets_in
        tasks.cancel_scope.cancel()


async def test_a_loop_that_is_held_up_is_noticed() -> None:
    pressure = Pressure()
    watch = Watch(Roster(10), Errands(scripted(), ErrandRules()), pressure, cores=2)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch.run)
        while pressure.step is not Step.REFUSING:
            time.sleep(0.6)  # noqa: ASYNC251  # this is the trouble that is to be noticed
            await anyio.sleep(0.01)
        assert pressure.load.lag_p95_ms >= 400
        tasks.cancel_scope.cancel()
