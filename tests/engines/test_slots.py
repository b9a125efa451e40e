"""Which caller's words lie in which slot of the model's memory."""

from __future__ import annotations

import asyncio

import pytest

from repartee.engines.llm.slots import MOST_WAITING, Seat, Slot, Slots
from repartee.engines.llm.window import Window
from repartee.errors import Refused


def seat() -> Seat:
    return Seat(Window(most_chars=100, kept_chars=50))


def use(slots: Slots, who: Seat) -> Slot:
    slot = slots.take_idle(who)
    assert slot
    slots.give_back(slot)
    return slot


def test_a_caller_keeps_its_slot() -> None:
    slots, ann, bob = Slots(2), seat(), seat()

    first = use(slots, ann)
    use(slots, bob)

    assert use(slots, ann) is first


def test_callers_get_slots_of_their_own_while_there_are_any() -> None:
    slots = Slots(3)

    assert {use(slots, seat()).index for _ in range(3)} == {0, 1, 2}


def test_the_slot_that_was_idle_the_longest_is_taken_over() -> None:
    slots, ann, bob, cid = Slots(2), seat(), seat(), seat()
    anns, bobs = use(slots, ann), use(slots, bob)
    use(slots, ann)

    assert use(slots, cid) is bobs
    assert anns.holder is ann


def test_a_slot_that_is_taken_over_has_to_be_tidied_and_its_new_holder_starts_afresh() -> None:
    slots, ann, bob = Slots(1), seat(), seat()
    bob.read = "something that lay in another slot"

    assert use(slots, ann).tidy
    assert not use(slots, bob).tidy
    assert bob.read == ""


def test_a_slot_whose_caller_has_gone_is_to_be_tidied_once_it_is_idle() -> None:
    slots, ann = Slots(2), seat()
    slot = slots.take_idle(ann)
    assert slot
    slots.leave(ann)

    assert slots.take_untidy() is None
    slots.give_back(slot)
    assert slots.take_untidy() is slot


def test_nobody_gets_a_slot_that_is_busy() -> None:
    slots, ann, bob = Slots(1), seat(), seat()
    slots.take_idle(ann)

    assert slots.take_idle(ann) is None
    assert slots.take_idle(bob) is None


def test_those_who_wait_are_served_in_order() -> None:
    async def scene() -> None:
        slots = Slots(1)
        busy = await slots.take(seat())
        served: list[str] = []

        async def wait(name: str) -> None:
            slot = await slots.take(seat())
            served.append(name)
            slots.give_back(slot)

        async with asyncio.TaskGroup() as group:
            for name in "ann", "bob", "cid":
                group.create_task(wait(name))
            await asyncio.sleep(0)
            slots.give_back(busy)
        assert served == ["ann", "bob", "cid"]

    asyncio.run(scene())


def test_who_stops_waiting_leaves_no_trace() -> None:
    async def scene() -> None:
        slots = Slots(1)
        busy = await slots.take(seat())
        waiting = asyncio.create_task(slots.take(seat()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        slots.give_back(busy)
        assert slots.take_idle(seat()) is busy

    asyncio.run(scene())


def test_who_stops_waiting_just_when_served_passes_the_slot_on() -> None:
    async def scene() -> None:
        slots = Slots(1)
        busy = await slots.take(seat())
        first = asyncio.create_task(slots.take(seat()))
        second = asyncio.create_task(slots.take(seat()))
        await asyncio.sleep(0)
        slots.give_back(busy)
        first.cancel()
        assert await second is busy

    asyncio.run(scene())


def test_only_so_many_may_wait() -> None:
    async def scene() -> None:
        slots = Slots(1)
        await slots.take(seat())
        waiting = [asyncio.create_task(slots.take(seat())) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="busy"):
            await slots.take(seat())
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)

    asyncio.run(scene())
