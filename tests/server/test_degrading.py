"""What callers see of a server that gets more to do than it can: it leaves out more and more, in
the stated order, until nobody new is let in. Whoever is there is answered all the same."""

from __future__ import annotations

import anyio
import msgspec
import pytest

from repartee.calls.clock import now
from repartee.calls.pressure import THRESHOLDS, Load, Step
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server.house import House
from tests.calls.fakes import FakeModel
from tests.calls.line import QUIET, VOICE, WINDOW_MS, pcm, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.server.every_interface import WAV
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import asking, on_the_phone
from tests.server.test_pump import a_house

pytestmark = pytest.mark.anyio

QUESTION = "What in all the world may the time be just now?"
ANSWER = "It is ten past four."


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Seen(msgspec.Struct, frozen=True):
    """What is done for those who call."""

    guesses: bool = True
    all_partials: bool = True
    long_replies: bool = True
    lets_in: bool = True


STATED = {
    Step.EASY: Seen(),
    Step.NO_GUESSING: Seen(guesses=False),
    Step.FEWER_PARTIALS: Seen(guesses=False, all_partials=False),
    Step.SHORTER: Seen(guesses=False, all_partials=False, long_replies=False),
    Step.REFUSING: Seen(guesses=False, all_partials=False, long_replies=False, lets_in=False),
}


class Caller:
    """Asks the same in the same way again and again."""

    def __init__(self, house: House, model: FakeModel, socket: FakeSocket) -> None:
        self._house = house
        self._model = model
        self._socket = socket

    async def sees(self) -> Seen:
        so_far, thoughts = len(self._socket.frames), len(self._model.asked)
        await self._hesitate()
        while not any(frame.get("data") == "complete" for frame in self._socket.frames[so_far:]):
            await anyio.sleep(0.1)
        partials = [
            frame
            for frame in self._socket.frames[so_far:]
            if frame["type"] == "transcript" and not frame["data"]["is_final"]
        ]
        usual_tokens = self._house.settings.max_new_tokens
        return Seen(
            guesses=len(self._model.asked) - thoughts == 2,
            all_partials=len(partials) >= 8,
            long_replies=self._model.samplings[-1].max_tokens == usual_tokens,
            lets_in=await lets_in(self._house),
        )

    async def _hesitate(self) -> None:
        """A pause that might be the end of the turn and is not, and then the end."""
        for level, ms in ((VOICE, 2_400), (QUIET, 128), (VOICE, 1_200), (QUIET, 1_500)):
            for _ in range(0, ms, WINDOW_MS):
                await anyio.sleep(WINDOW_MS / 1000)
                self._socket.say_raw(pcm(level, WINDOW_MS))


async def lets_in(house: House) -> bool:
    """Balancers, callers and those who send recordings are all told the same."""
    async with asking(house) as client, on_the_phone(house) as socket:
        first = await socket.until(lambda frame: True)
        ready = await client.get("/ready")
        if first["type"] == "status":
            assert ready.status_code == 200
            return True
        sentence = "The server has too much to do. Try again in 15 seconds."
        assert (first["code"], first["message"]) == ("refused", sentence)
        for answer in (ready, await client.post("/upload", content=WAV)):
            assert (answer.status_code, answer.json()["error"]) == (503, sentence)
            assert answer.headers["Retry-After"] == "15"
    assert socket.farewell == (1013, sentence)
    return False


async def test_it_leaves_out_one_thing_after_the_other_and_then_refuses() -> None:
    model = FakeModel(ANSWER)
    house = a_house(scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=model))
    async with on_the_phone(house) as socket:
        await socket.until_status("connected")
        caller = Caller(house, model, socket)
        for step, stated in STATED.items():
            house.pressure.note(THRESHOLDS.get(step, Load()), now())
            assert house.pressure.step is step
            assert await caller.sees() == stated, step.name
        assert not any(frame["type"] == "error" for frame in socket.frames)
