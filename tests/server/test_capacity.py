"""What the server tells of its room: to balancers, to operators, and to whoever finds it full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from repartee.calls.pressure import Load
from repartee.errors import EngineFailed
from repartee.server.cpu_use import with_cpu_seconds
from tests.calls.fakes import FakeModel, raises, writes
from tests.calls.line import scripted
from tests.server.being_measured import being_measured
from tests.server.every_interface import WAV, WAV_BASE64
from tests.server.open_house import asking, on_the_phone, open_house

pytestmark = pytest.mark.anyio


def check_refusal(response: httpx.Response, sentence: str) -> None:
    assert response.status_code == 503
    assert response.json()["error"].startswith(sentence)
    assert int(response.headers["Retry-After"]) >= 1


class TestReadiness:
    async def test_a_server_that_lets_in_is_ready(self) -> None:
        async with open_house() as house, asking(house) as client:
            response = await client.get("/ready")
            assert (response.status_code, response.json()) == (200, {"ready": True})
            assert (await client.head("/ready")).status_code == 200

    async def test_one_that_is_full_is_not(self) -> None:
        async with open_house(max_calls=1) as house, asking(house) as client:
            async with on_the_phone(house) as socket:
                await socket.until_status("connected")
                check_refusal(await client.get("/ready"), "All 1 places are taken.")
            assert (await client.get("/ready")).status_code == 200

    async def test_nor_is_one_that_goes(self) -> None:
        async with open_house() as house, asking(house) as client:
            await house.drain()
            check_refusal(await client.get("/ready"), "The server is shutting down.")

    async def test_nor_one_that_is_overloaded(self) -> None:
        async with open_house() as house, asking(house) as client:
            house.pressure.note(Load(lag_p95_ms=500), 0)
            check_refusal(await client.get("/ready"), "The server has too much to do.")

    async def test_nor_one_whose_engine_is_gone(self) -> None:
        model: Any = FakeModel("Yes.")
        model.ready = False
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            check_refusal(await client.get("/ready"), "The engine of LLM does not work just now.")


async def test_operators_see_places_and_load() -> None:
    async with open_house(max_calls=5) as house, asking(house) as client:
        house.pressure.note(Load(lag_p95_ms=90.5, haste=0.1, waiting=3), 0)
        async with on_the_phone(house) as socket:
            await socket.until_status("connected")
            health = (await client.get("/health")).json()
    assert health["places"] == {"most": 5, "free": 4, "basis": "settings"}
    assert health["load"] == {
        "step": "no_guessing",
        "lag_p95_ms": 90.5,
        "haste": 0.1,
        "waiting": 3,
    }


async def test_whoever_uploads_to_a_full_house_is_told_when_to_come_back() -> None:
    async with (
        open_house(max_calls=1) as house,
        asking(house) as client,
        on_the_phone(house) as socket,
    ):
        await socket.until_status("connected")
        check_refusal(await client.post("/upload", content=WAV), "All 1 places are taken.")


async def test_of_many_who_come_at_once_exactly_as_many_get_in_as_there_are_places() -> None:
    async with open_house(max_calls=7) as house, anyio.create_task_group() as tasks:
        told: list[str] = []
        enough = anyio.Event()

        async def come() -> None:
            async with on_the_phone(house) as socket:
                first = await socket.until(lambda frame: True)
                told.append(first["type"])
                if len(told) == 57:
                    enough.set()
                await enough.wait()

        for _ in range(57):
            tasks.start_soon(come)
    assert (told.count("status"), told.count("error")) == (7, 50)
    assert house.roster.free == 7


@pytest.mark.usefixtures("at_once")
class TestUntilItIsMeasured:
    async def test_a_careful_number_by_the_cores_is_let_in(self, tmp_path: Path) -> None:
        asked, may_go_on = anyio.Event(), anyio.Event()

        async def wait() -> None:
            asked.set()
            await may_go_on.wait()

        async with (
            being_measured(FakeModel(writes("Paris", wait)), tmp_path, max_calls=40) as house,
            asking(house) as client,
        ):
            await asked.wait()
            assert (await client.get("/ready")).status_code == 200
            places = (await client.get("/health")).json()["places"]
            assert places == {"most": 6, "free": 6, "basis": "cores"}
            may_go_on.set()
        assert house.roster.most > 6

    async def test_max_calls_is_not_exceeded(self, tmp_path: Path) -> None:
        async with being_measured(FakeModel("Paris."), tmp_path, max_calls=4) as house:
            assert house.roster.most == 4

    async def test_whoever_calls_meanwhile_goes_first_and_spoils_no_figure(
        self, tmp_path: Path
    ) -> None:
        asked, left = anyio.Event(), anyio.Event()

        async def hold() -> None:
            asked.set()
            try:
                await anyio.sleep_forever()
            finally:
                left.set()

        model = FakeModel(writes("Par", hold), "At your service.", "Paris.")
        async with being_measured(model, tmp_path) as house:
            await asked.wait()
            async with on_the_phone(house) as socket:
                await socket.until_status("connected")
                socket.say(type="chat", message="hello")
                told = await socket.until_type("response_complete")
                assert told["full_text"] == "At your service."
                await left.wait()
                assert house.roster.basis == "cores"
                assert not (tmp_path / "capacity.json").exists()
        assert len(model.asked) >= 3

    async def test_nor_does_whoever_asks_over_http(self, tmp_path: Path) -> None:
        asked = anyio.Event()

        async def hold() -> None:
            asked.set()
            await anyio.sleep_forever()

        model = FakeModel(writes("Par", hold), "At your service.", "Paris.")
        async with being_measured(model, tmp_path) as house, asking(house) as client:
            await asked.wait()
            body = {"audio_base64": WAV_BASE64}
            answer = (await client.post("/api/voice/message", json=body)).json()
            assert answer["assistant_text"] == "At your service."
        assert len(model.asked) == 3

    async def test_an_engine_that_fails_is_tried_again(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        model = FakeModel(writes("Par", raises(EngineFailed("The model broke."))), "Paris.")
        async with being_measured(model, tmp_path):
            pass
        assert len(model.asked) == 2
        assert "how many calls the server carries: The model broke." in caplog.text


async def test_what_work_costs_is_seen() -> None:
    async def work() -> str:
        return str(sum(range(1_000_000)))

    result, cpu = await with_cpu_seconds(work())
    assert result == "499999500000"
    assert 0 < cpu < 10
