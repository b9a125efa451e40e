"""The soak would see it if something were left of calls: each kind is left here on purpose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from repartee.calls.call import Call
from tests.calls.line import scripted
from tests.fuzz.leaks import assert_nothing_is_kept, footprint
from tests.fuzz.whole_app import OnStage, WholeApp, on_stage

CALLS = 20
MOST_GROWTH_MB = 8.0


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    with on_stage(scripted()) as it:
        yield it


@pytest.fixture
def kept() -> Iterator[list[Any]]:
    everything: list[Any] = []
    yield everything
    for one in everything:
        if isinstance(one, int):
            os.close(one)
    everything.clear()


async def some_calls(app: WholeApp) -> None:
    for _ in range(CALLS):
        async with app.phone("/ws") as phone:
            phone.say(type="chat", message="What time is it?")
            await phone.until_type("response_complete")
    await app.house.visitors.close()
    await app.house.keeper.flush()
    await anyio.sleep(1)  # whatever ends with the last call has ended


def leave(kind: str, call: Call, kept: list[Any]) -> None:
    match kind:
        case "a call":
            kept.append(call)
        case "a file":
            kept.append(os.open(os.devnull, os.O_RDONLY))
        case "objects":
            kept.extend([] for _ in range(200))
        case "memory":
            kept.append(b"x" * (4 << 20))  # more than what lies free after other tests


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("a call", "left over: .*Call"),
        ("a file", "20 files were left open"),
        ("objects", "more objects"),
        ("memory", "the process has grown"),
    ],
)
def test_what_a_call_leaves_is_seen(
    stage: OnStage, kept: list[Any], kind: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.run(some_calls(stage.app))
    before = footprint()
    original = Call.__init__

    def leaky(self: Call, *arguments: Any, **more: Any) -> None:
        original(self, *arguments, **more)
        leave(kind, self, kept)

    with monkeypatch.context() as patch:
        patch.setattr(Call, "__init__", leaky)
        stage.run(some_calls(stage.app))
    with pytest.raises(AssertionError, match=complaint):
        assert_nothing_is_kept(before, MOST_GROWTH_MB)


def test_and_nothing_where_nothing_is_left(stage: OnStage) -> None:
    stage.run(some_calls(stage.app))
    before = footprint()
    stage.run(some_calls(stage.app))
    assert_nothing_is_kept(before, MOST_GROWTH_MB)
