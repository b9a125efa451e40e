"""What a call leaves out when the server has it hard, and that it is answered all the same."""

from __future__ import annotations

import pytest

from repartee.calls.options import CallOptions
from repartee.calls.pressure import Load, Pressure
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.engines.build import Engines
from repartee.engines.protocols import Sampling
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.calls.fakes import FakeModel
from tests.calls.line import Line, on_the_line, scripted
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

ANSWER = "It is ten past four."
QUESTION = "What in all the world may the time be just now?"


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def under(lag_p95_ms: float) -> CallOptions:
    pressure = Pressure()
    pressure.note(Load(lag_p95_ms), 0)
    return CallOptions(sampling=Sampling(max_tokens=200), pressure=pressure)


def engines_with(model: FakeModel) -> Engines:
    return scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=model)


async def hesitate(line: Line) -> None:
    """A pause that might be the end of the turn and is not, and then the end."""
    await line.speak(1_200)
    await line.be_quiet(128)
    await line.speak(1_200)
    await line.be_quiet(1_500)


@pytest.mark.parametrize(("lag_p95_ms", "thoughts"), [(0, 2), (80, 1)])
async def test_no_thought_is_spent_on_what_may_not_be_wanted(
    lag_p95_ms: float, thoughts: int
) -> None:
    model = FakeModel(ANSWER)
    async with on_the_line(engines_with(model), under(lag_p95_ms)) as line:
        await hesitate(line)
        await line.client.until(told.ReplyCompleted)
        assert len(model.asked) == thoughts
        assert line.client.all(told.ReplyCompleted)[0].text == ANSWER
        assert line.client.all(SoundOf)


@pytest.mark.parametrize(("lag_p95_ms", "fewest", "most"), [(0, 8, 12), (150, 2, 6)])
async def test_partials_come_less_often_and_the_final_comes(
    lag_p95_ms: float, fewest: int, most: int
) -> None:
    async with on_the_line(engines_with(FakeModel(ANSWER)), under(lag_p95_ms)) as line:
        await line.speak(3_400)
        await line.be_quiet(1_500)
        final = await line.client.until(told.UserFinal)
        assert final.text == QUESTION
        assert fewest <= len(line.client.all(told.UserPartial)) <= most


@pytest.mark.parametrize(("lag_p95_ms", "tokens"), [(0, 200), (250, 100)])
async def test_replies_are_shorter(lag_p95_ms: float, tokens: int) -> None:
    model = FakeModel(ANSWER)
    async with on_the_line(engines_with(model), under(lag_p95_ms)) as line:
        line.call.happened(ev.Typed("hello"))
        await line.client.until(told.ReplyCompleted)
        assert model.samplings[-1].max_tokens == tokens
