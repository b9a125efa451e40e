"""The engines of a chain: opened together, looked after, closed together."""

from __future__ import annotations

import asyncio
import logging

import pytest

from repartee.engines.chain import members as members_module
from repartee.engines.chain.members import PAUSES_S, ChainRules, Members
from repartee.errors import EngineError, EngineFailed, EngineLocked, EngineMissing, SettingsError
from tests.engines.chain.watching import Clock, nothing_left_behind

pytestmark = pytest.mark.anyio

GONE = EngineFailed("It can't be reached.")
LOCKED = EngineLocked("DEEPGRAM_API_KEY is not accepted by Deepgram.")


class Opening:
    """An engine that opens at the end of its troubles, each after so many seconds."""

    def __init__(self, name: str, *troubles: Exception, seconds: float = 0.0) -> None:
        self.name = name
        self.troubles = list(troubles)
        self.seconds = seconds
        self.opened = self.closed = 0
        self.ready = True

    async def open(self) -> None:
        self.opened += 1
        await asyncio.sleep(self.seconds)
        if self.troubles:
            raise self.troubles.pop(0)

    async def close(self) -> None:
        self.closed += 1


def chain(*engines: Opening, missing: dict[str, EngineMissing] | None = None) -> Members[Opening]:
    return Members("stt", engines, ChainRules(), missing or {})


def states(members: Members[Opening]) -> list[str]:
    return [member.state for member in members.report().members]


async def test_all_are_opened_and_closed() -> None:
    engines = Opening("a"), Opening("b")
    async with nothing_left_behind():
        members = chain(*engines)
        await members.open()
        assert states(members) == ["working", "working"]
        await members.close()
    assert [(one.opened, one.closed) for one in engines] == [(1, 1), (1, 1)]


async def test_one_is_enough_and_the_others_are_tried_again() -> None:
    engine = Opening("a", GONE, GONE)
    async with nothing_left_behind():
        members = chain(engine, Opening("b"))
        await members.open()
        assert states(members) == ["absent", "working"]
        assert members.report().serving == "b"
        await asyncio.sleep(PAUSES_S[0] + PAUSES_S[1] + 1)
        assert states(members) == ["working", "working"]
        assert members.report().serving == "a"
        await members.close()
    assert engine.closed == 3


async def test_the_start_waits_for_the_others_but_not_for_long() -> None:
    members = chain(Opening("slow", seconds=60), Opening("b"))
    clock = Clock()
    await members.open()
    assert clock.ms == members_module.OPEN_TOGETHER_S * 1000
    await asyncio.sleep(60)
    assert members.report().serving == "slow"
    await members.close()


async def test_a_bad_key_is_told_at_the_start_and_not_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    locked = Opening("deepgram", LOCKED)
    members = chain(locked, Opening("b"))
    with caplog.at_level(logging.WARNING):
        await members.open()
    assert caplog.messages == [
        "deepgram,b goes on without deepgram: DEEPGRAM_API_KEY is not accepted by Deepgram."
    ]
    await asyncio.sleep(3_600)
    assert locked.opened == 1
    assert members.report().members[0].why == str(LOCKED)
    await members.close()


async def test_what_is_not_installed_is_told_and_missed(caplog: pytest.LogCaptureFixture) -> None:
    missing = EngineMissing("The engine “kokoro” needs a package.", hint="Install it.")
    members = chain(Opening("b"), missing={"kokoro": missing})
    with caplog.at_level(logging.WARNING):
        await members.open()
    assert caplog.messages == [f"b goes on without kokoro: {missing}"]
    assert states(members) == ["working", "absent"]
    await members.close()


@pytest.mark.parametrize("trouble", [GONE, LOCKED, EngineError("No.")])
async def test_if_none_opens_all_are_named_and_none_stays_behind(trouble: Exception) -> None:
    async with nothing_left_behind():
        engines = Opening("a", trouble), Opening("b", LOCKED)
        with pytest.raises(EngineFailed, match="None of the engines a,b could be") as raised:
            await chain(*engines).open()
        assert str(trouble) in str(raised.value)
        assert str(LOCKED) in str(raised.value)
    assert [one.closed for one in engines] == [1, 1]


async def test_a_wrong_setting_stops_the_start() -> None:
    mistake = SettingsError("OPENAI_BASE_URL must be an address.")
    async with nothing_left_behind():
        engines = Opening("a", mistake), Opening("b")
        with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
            await chain(*engines).open()
    assert [one.closed for one in engines] == [1, 1]


async def test_closing_while_one_still_opens() -> None:
    slow = Opening("slow", seconds=3_600)
    async with nothing_left_behind():
        members = chain(slow, Opening("b"))
        await members.open()
        await members.close()
    assert slow.closed == 1


async def test_one_that_can_not_be_closed_keeps_no_other_open(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = Opening("stuck"), Opening("other")

    async def fail() -> None:
        raise OSError

    monkeypatch.setattr(stuck, "close", fail)
    members = chain(stuck, other)
    await members.open()
    await members.close()
    assert other.closed == 1
    assert "The stuck engine did not close well." in caplog.text


async def test_a_chain_works_as_long_as_one_of_its_engines_does() -> None:
    engines = Opening("a"), Opening("b")
    members = chain(*engines)
    assert not members.ready
    await members.open()
    ready = []
    for engine in engines:
        ready.append(members.ready)
        engine.ready = False
    assert [*ready, members.ready] == [True, True, False]
    await members.close()
