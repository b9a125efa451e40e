"""Clients of spoken messages that leave before they are answered: nothing is done for them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.lowlevel import checkpoint

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.server.house import House
from tests.calls.fakes import FakeModel, writes
from tests.calls.line import scripted
from tests.calls.visiting import said
from tests.server.open_house import asking, open_house
from tests.server.streamed import Streamed

pytestmark = pytest.mark.anyio

WAV = wav_bytes(said(), LISTENING_RATE_HZ)
A_MESSAGE = {"audio_base64": base64.b64encode(WAV).decode()}


@asynccontextmanager
async def house_of_a_slow_thinker() -> AsyncIterator[tuple[House, FakeModel]]:
    """The first answer never comes to its end; all others do at once."""
    model = FakeModel(writes("Let me think.", anyio.sleep_forever), "Fine.")
    async with open_house(engines=scripted(llm=model)) as house:
        yield house, model


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not true():
            await checkpoint()


class TestAVoiceMessage:
    async def test_the_work_ends_and_nobody_is_remembered(self) -> None:
        async with house_of_a_slow_thinker() as (house, model), anyio.create_task_group() as tasks:
            asking = Streamed(house, "/api/voice/message", A_MESSAGE)
            tasks.start_soon(asking.run)
            await until(lambda: len(model.asked) == 1)
            asking.leave()
            await until(lambda: model.left == 1 and len(house.visitors) == 0)

    async def test_a_turn_of_a_conversation_is_kept_as_interrupted(self) -> None:
        async with (
            house_of_a_slow_thinker() as (house, model),
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):
            message = {**A_MESSAGE, "conversation_id": "kitchen"}
            leaving = Streamed(house, "/api/voice/message", message)
            tasks.start_soon(leaving.run)
            await until(lambda: len(model.asked) == 1)
            leaving.leave()
            await until(lambda: model.left == 1 and not house.visitors.busy)
            answered = await client.post("/api/voice/message", json=message)
            assert answered.json()["assistant_text"] == "Fine."
            (session,) = (await client.get("/sessions")).json()
            turns = (await client.get(f"/sessions/{session['id']}/turns")).json()
            assert [turn["status"] for turn in turns] == ["interrupted", "complete"]


class TestAMessageThatIsKept:
    async def test_the_work_ends_and_it_is_not_kept(self) -> None:
        async with (
            house_of_a_slow_thinker() as (house, model),
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):
            sender = self.sends(house)
            tasks.start_soon(sender.run)
            await until(lambda: len(model.asked) == 1)
            sender.leave()
            await until(lambda: model.left == 1 and not house.visitors.busy)
            kept = await client.get("/api/messages", params={"conversation_id": "kitchen"})
            assert kept.json() == []

    async def test_one_that_waits_for_its_turn_is_dropped(self) -> None:
        async with house_of_a_slow_thinker() as (house, model), anyio.create_task_group() as tasks:
            first, second, third = (self.sends(house) for _ in range(3))
            tasks.start_soon(first.run)
            await until(lambda: len(model.asked) == 1)
            tasks.start_soon(second.run)
            for _ in range(100):
                await checkpoint()
            second.leave()
            tasks.start_soon(third.run)
            first.leave()
            await until(lambda: third.complete)
            assert len(model.asked) == 2

    def sends(self, house: House) -> Streamed:
        query = "conversation_id=kitchen&user_id=ada"
        return Streamed(house, "/api/messages/voice", WAV, query)
