"""How many keys may be guessed from one address, and what the log says of it."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.calls.refusals import LimitReached
from repartee.server.limits.refusals import Refusals, refusals
from repartee.settings import Settings

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 6_000_000.0
        """The beginning of a minute."""

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def at(address: str | None) -> dict[str, Any]:
    return {"type": "http", "headers": [], "client": None if address is None else (address, 1)}


HERE, THERE = at("203.0.113.7"), at("203.0.113.8")


async def test_so_many_and_then_one_waits(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=2, clock=clock)
    for _ in range(2):
        await door.check("wrong", HERE)
        await door.count("wrong", HERE)
    with pytest.raises(LimitReached, match=r"^The limit of 2 unknown keys per minute is reached"):
        await door.check("wrong", HERE)
    await door.check("wrong", THERE)
    assert door.counted == {"wrong": 2}
    assert door.turned_away == 1


async def test_it_is_true_when_to_come_back(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=3, clock=clock)
    clock.now += 20
    for _ in range(3):
        await door.count("wrong", HERE)
    with pytest.raises(LimitReached) as reached:
        await door.check("wrong", HERE)
    clock.now += reached.value.retry_after_s - 1
    with pytest.raises(LimitReached):
        await door.check("wrong", HERE)
    clock.now += 1
    await door.check("wrong", HERE)


async def test_who_shows_nothing_keeps_nobody_with_a_key_waiting(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=2, nothing_per_minute=1, clock=clock)
    await door.count("nothing", HERE)
    with pytest.raises(LimitReached, match=r"^The limit of 1 requests without a key per minute"):
        await door.check("nothing", HERE)
    await door.check("wrong", HERE)


async def test_all_addresses_of_one_owner_count_together(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=1, clock=clock)
    await door.count("wrong", at("2001:db8:1:2::1"))
    with pytest.raises(LimitReached):
        await door.check("wrong", at("2001:db8:1:2:ffff::9"))


async def test_nought_is_no_limit_but_it_is_counted(clock: Clock) -> None:
    door = Refusals(clock=clock)
    for _ in range(50):
        await door.count("wrong", HERE)
        await door.check("wrong", HERE)
    assert door.counted == {"wrong": 50}


async def test_without_an_address_it_is_counted_for_nobody(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=1, clock=clock)
    for _ in range(3):
        await door.count("wrong", at(None))
        await door.check("wrong", at(None))
    assert door.counted == {"wrong": 3}


async def test_the_log_is_told_of_whoever_goes_on_and_not_more_than_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    door = Refusals(wrong_per_minute=6, clock=clock)
    for _ in range(4):
        await door.count("wrong", HERE)
    await door.count("wrong", THERE)
    assert not caplog.messages, "to mistype a key is no news"
    await door.count("wrong", HERE)
    told = "Keys that are not known here were shown 6 times, 5 of them from 203.0.113.7."
    assert caplog.messages == [told]
    await door.count("wrong", HERE)
    for _ in range(30):
        with pytest.raises(LimitReached):
            await door.check("wrong", HERE)
    assert caplog.messages == [told]
    clock.now += 60
    await door.count("wrong", HERE)
    told_later = "Keys that are not known here were shown 31 times, 31 of them from 203.0.113.7."
    assert caplog.messages == [told, told_later]
    for _ in range(5):
        await door.count("wrong", HERE)
    assert caplog.messages == [told, told_later], "one line a minute"


async def test_many_who_mistyped_once_hide_nobody(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    door = Refusals(clock=clock)
    for number in range(1_000):
        await door.count("wrong", at(f"10.{number >> 8}.{number & 255}.1"))
    clock.now += 3_600
    for _ in range(5):
        await door.count("wrong", HERE)
    assert caplog.messages == [
        "Keys that are not known here were shown 5 times, 5 of them from 203.0.113.7."
    ]


async def test_one_mistake_a_day_is_never_news(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    door = Refusals(clock=clock)
    for _ in range(20):
        await door.count("wrong", HERE)
        clock.now += 86_400
    assert not caplog.messages


def test_a_key_is_remembered_where_it_opened_for_an_hour(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=1, clock=clock)
    door.came_in("mine", HERE)
    assert door.is_proven("mine", HERE)
    assert not door.is_proven("mine", THERE)
    assert not door.is_proven("yours", HERE)
    clock.now += 3_599
    assert door.is_proven("mine", HERE)
    clock.now += 1
    assert not door.is_proven("mine", HERE)


def test_of_many_such_keys_the_one_that_opened_longest_ago_is_forgotten(clock: Clock) -> None:
    door = Refusals(wrong_per_minute=1, clock=clock)
    door.came_in("first", HERE)
    door.came_in("second", HERE)
    door.came_in("first", HERE)
    for number in range(9_999):
        door.came_in(f"key {number}", HERE)
    assert door.is_proven("first", HERE)
    assert not door.is_proven("second", HERE)


@pytest.mark.parametrize(
    ("settings", "limited"),
    [
        ({}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "0.0.0.0", "limits": "off"}, False),
        ({"limits": "on"}, True),
        ({"limits": "on", "limit_refused_keys_per_minute": 0}, False),
    ],
)
async def test_where_callers_are_counted_so_are_guesses(
    settings: dict[str, Any], limited: bool
) -> None:
    door = refusals(Settings(**settings))
    for _ in range(20):
        await door.count("wrong", HERE)
    if limited:
        with pytest.raises(LimitReached):
            await door.check("wrong", HERE)
    else:
        await door.check("wrong", HERE)
