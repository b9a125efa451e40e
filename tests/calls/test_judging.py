"""A turn model in a call: what it is shown, and that a call never depends on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import msgspec
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.judging import TurnJudge
from repartee.conversation import events as ev
from repartee.conversation.told import UserFinal
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from tests.calls.line import on_the_line, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

WINDOW = 512


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Model:
    """Judges as it is told to, and remembers what it was shown."""

    name = "a turn model"
    seconds = 2.0

    def __init__(self, verdict: Callable[[], Awaitable[float]]) -> None:
        self._verdict = verdict
        self.shown: list[Samples] = []

    async def open(self) -> None:
        """It is always open."""

    async def finished(self, sound: Samples) -> float:
        self.shown.append(sound)
        return await self._verdict()

    async def close(self) -> None:
        """There is nothing to close."""


async def sure() -> float:
    return 0.9


def a_judge(model: Model | None) -> tuple[TurnJudge, list[ev.Event]]:
    events: list[ev.Event] = []
    return TurnJudge(model, events.append), events


def feed(judge: TurnJudge, seconds: float) -> None:
    """The value of each sample is the number of its window, so that places can be told apart."""
    for window in range(int(seconds * LISTENING_RATE_HZ / WINDOW)):
        judge.feed(np.full(WINDOW, window, np.int16))


@pytest.mark.parametrize(("verdict", "within_s"), [(None, 0.6), (0.9, 0.35), (0.1, 1.3)])
async def test_a_call_waits_for_as_long_as_words_and_voice_ask_for(
    verdict: float | None, within_s: float
) -> None:
    async def judged() -> float:
        return verdict or 0.0

    unclear = ScriptedRecognizer(transcripts=["play some music"])
    model = None if verdict is None else Model(judged)
    engines = msgspec.structs.replace(scripted(stt=unclear), turn=model)
    async with on_the_line(engines) as line:
        await line.speak(1_200)
        spoken_until = now()
        await line.be_quiet(1_500)
        (answered_at,) = line.client.moments(UserFinal)
        assert within_s - 0.2 < answered_at - spoken_until < within_s


async def test_it_judges_the_pause_that_it_is_asked_about() -> None:
    judge, events = a_judge(Model(sure))
    feed(judge, 1.0)
    await judge.judge(3, 2)
    assert events == [ev.TurnJudged(3, 2, 0.9)]


async def test_the_model_is_shown_the_latest_sound_of_this_turn_and_no_more() -> None:
    model = Model(sure)
    judge, _ = a_judge(model)
    feed(judge, 10.0)
    await judge.judge(1, 1)
    judge.begin()
    feed(judge, 0.5)
    await judge.judge(2, 1)
    long, short = model.shown
    assert 2.0 * LISTENING_RATE_HZ <= len(long) < 2.0 * LISTENING_RATE_HZ + WINDOW
    assert long[-1] == int(10 * LISTENING_RATE_HZ / WINDOW) - 1
    assert short[0] == 0
    assert len(short) <= 0.5 * LISTENING_RATE_HZ


@pytest.mark.parametrize("verdict", [float("nan"), float("inf")])
async def test_nonsense_is_no_verdict(verdict: float) -> None:
    async def nonsense() -> float:
        return verdict

    judge, events = a_judge(Model(nonsense))
    feed(judge, 1.0)
    await judge.judge(1, 1)
    assert events == []


async def test_a_model_that_fails_leaves_it_to_the_words(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> float:
        raise EngineFailed("The turn model failed.")

    judge, events = a_judge(Model(fails))
    feed(judge, 1.0)
    await judge.judge(1, 1)
    assert events == []
    assert "could not judge a pause" in caplog.text


async def test_so_does_one_that_never_answers() -> None:
    async def never() -> float:
        await anyio.sleep_forever()
        return 1.0

    judge, events = a_judge(Model(never))
    feed(judge, 1.0)
    await judge.judge(1, 1)
    assert events == []


async def test_without_a_model_nothing_is_kept_and_nothing_judged() -> None:
    judge, events = a_judge(None)
    feed(judge, 1.0)
    await judge.judge(1, 1)
    assert events == []


async def test_a_pause_without_any_sound_is_not_judged() -> None:
    model = Model(sure)
    judge, events = a_judge(model)
    await judge.judge(1, 1)
    assert (events, model.shown) == ([], [])
