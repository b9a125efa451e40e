"""What is done beside the calls never ends unheard, and what is needed begins again."""

from __future__ import annotations

import logging
from pathlib import Path

import anyio
import pytest

from repartee.calls.watch import Watch
from repartee.server import beside as room
from repartee.server.beside import beside, lasting, once
from repartee.server.opening import opened_house
from repartee.server.security.keys import KeyRing
from tests.server.test_opening import settings

pytestmark = pytest.mark.anyio


class Fragile:
    """Breaks so often, after so long; then it is done."""

    def __init__(self, times: int, after_s: float = 0.0) -> None:
        self.left = times
        self.after_s = after_s
        self.now = 0.0
        self.pauses: list[float] = []

    async def run(self) -> None:
        self.now += self.after_s
        self.left -= 1
        if self.left >= 0:
            raise ZeroDivisionError

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def clock(self) -> float:
        return self.now


async def test_all_of_it_goes_on_meanwhile_and_ends_with_it() -> None:
    began, ended = anyio.Event(), anyio.Event()

    async def work() -> None:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with beside(once("Working", work)):
        await began.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_what_breaks_is_told(caplog: pytest.LogCaptureFixture) -> None:
    await once("Measuring", Fragile(1).run)
    [told] = caplog.records
    assert (told.levelno, told.exc_info is not None) == (logging.ERROR, True)
    assert told.getMessage() == "Measuring broke. The server goes on without it."


async def test_what_is_needed_begins_again_ever_more_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = Fragile(9)
    await lasting("The watch", work.run, work.sleep, work.clock)
    assert work.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert caplog.messages[0] == "The watch broke, and begins again in 1 seconds."
    assert len(caplog.records) == 9


async def test_what_went_well_for_long_begins_again_soon() -> None:
    work = Fragile(4, after_s=300.0)
    await lasting("The watch", work.run, work.sleep, work.clock)
    assert work.pauses == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("owner", "method"), [(Watch, "run"), (KeyRing, "follow")], ids=["the watch", "the keys"]
)
async def test_a_house_does_without_neither_watch_nor_keys(
    owner: type,
    method: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(room, "FIRST_PAUSE_SECONDS", 0.0)
    begun, again = 0, anyio.Event()

    async def broken_at_first(*_: object, **__: object) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise ZeroDivisionError
        again.set()

    monkeypatch.setattr(owner, method, broken_at_first)
    async with opened_house(settings(tmp_path, require_keys=True)):
        with anyio.fail_after(10):
            await again.wait()
    assert " broke, and begins again in " in caplog.text
