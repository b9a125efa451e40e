"""What waits for one client: in order, within bounds, and nothing that was hushed."""

from __future__ import annotations

import asyncio

import pytest

from repartee.calls.outbox import Outbox

pytestmark = pytest.mark.anyio

MORE_THAN_ENOUGH = 100_000
Frame = str | bytes


def an_outbox() -> Outbox[Frame]:
    return Outbox(len)


async def all_of(outbox: Outbox[Frame]) -> list[Frame]:
    return [await outbox.get() for _ in range(len(outbox))]


async def test_frames_leave_in_the_order_in_which_they_came() -> None:
    outbox = an_outbox()
    frames: list[Frame] = ["text", b"bytes", "more text"]
    for frame in frames:
        outbox.put(frame)
    assert len(outbox) == 3
    assert await all_of(outbox) == frames


async def test_whoever_waits_gets_the_next_one() -> None:
    outbox = an_outbox()
    waiting = asyncio.ensure_future(outbox.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.put("at last")
    assert await waiting == "at last"
    assert len(outbox) == 0


async def test_one_who_gave_up_waiting_takes_nothing_along() -> None:
    outbox = an_outbox()
    waiting = asyncio.ensure_future(outbox.get())
    await asyncio.sleep(0)
    waiting.cancel()
    outbox.put("still there")
    assert await outbox.get() == "still there"


class TestHushing:
    async def test_the_sound_of_a_reply_is_forgotten_and_its_words_are_not(self) -> None:
        outbox = an_outbox()
        outbox.put("words of 1")
        outbox.put("sound of 1", 1)
        outbox.put("sound of 2", 2)
        outbox.put("more sound of 1", 1)
        outbox.put("interrupted")
        outbox.hush(1)
        assert await all_of(outbox) == ["words of 1", "sound of 2", "interrupted"]

    async def test_one_that_was_never_heard_of_changes_nothing(self) -> None:
        outbox = an_outbox()
        outbox.put("sound of 1", 1)
        outbox.hush(7)
        assert await all_of(outbox) == ["sound of 1"]

    async def test_whoever_waits_goes_on_waiting(self) -> None:
        outbox = an_outbox()
        waiting = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        outbox.put("sound of 1", 1)
        outbox.hush(1)
        await asyncio.sleep(0)
        assert not waiting.done()
        outbox.put("interrupted")
        assert await waiting == "interrupted"

    async def test_it_makes_room(self) -> None:
        outbox = an_outbox()
        large = b"\0" * (30 * 1024 * 1024)
        outbox.put(large, 1)
        outbox.hush(1)
        outbox.put(large, 2)
        outbox.put("and this")
        assert not outbox.overflowed
        assert await all_of(outbox) == [large, "and this"]


class TestBounds:
    async def test_so_many_frames_may_wait(self) -> None:
        outbox = an_outbox()
        for _ in range(MORE_THAN_ENOUGH):
            outbox.put("x")
        assert outbox.overflowed
        assert 1_000 < len(outbox) < MORE_THAN_ENOUGH

    async def test_so_many_bytes_may_wait(self) -> None:
        outbox = an_outbox()
        for _ in range(1_000):
            outbox.put(b"\0" * 1_000_000)
        assert outbox.overflowed
        assert len(outbox) < 100

    async def test_a_client_that_keeps_up_never_meets_them(self) -> None:
        outbox = an_outbox()
        for _ in range(MORE_THAN_ENOUGH):
            outbox.put(b"\0" * 1_000)
            await outbox.get()
        assert not outbox.overflowed


class TestHolding:
    async def test_what_follows_waits_until_it_is_done(self) -> None:
        outbox, kept = an_outbox(), asyncio.get_running_loop().create_future()
        outbox.put("before")
        outbox.hold(kept)
        outbox.put("after")
        assert await outbox.get() == "before"
        waiting = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        kept.set_result(True)
        assert await waiting == "after"

    async def test_nothing_waits_for_what_is_done_already(self) -> None:
        outbox, kept = an_outbox(), asyncio.get_running_loop().create_future()
        kept.set_result(False)
        outbox.hold(kept)
        outbox.put("after")
        assert await outbox.get() == "after"

    async def test_what_is_hushed_meanwhile_never_leaves(self) -> None:
        outbox, kept = an_outbox(), asyncio.get_running_loop().create_future()
        outbox.hold(kept)
        outbox.put("sound of 1", 1)
        waiting = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        outbox.hush(1)
        outbox.put("interrupted")
        kept.set_result(True)
        assert await waiting == "interrupted"

    async def test_one_who_gave_up_waiting_takes_nothing_along(self) -> None:
        outbox, kept = an_outbox(), asyncio.get_running_loop().create_future()
        outbox.hold(kept)
        outbox.put("after")
        waiting = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        waiting.cancel()
        kept.set_result(True)
        assert await outbox.get() == "after"

    async def test_to_wait_for_what_was_given_up_is_to_wait_no_longer(self) -> None:
        outbox, kept = an_outbox(), asyncio.get_running_loop().create_future()
        outbox.hold(kept)
        outbox.put("after")
        kept.cancel()
        assert await outbox.get() == "after"
