"""What the server tells of its room: to balancers, to operators, and to whoever finds it full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pytest

from repartee.calls.capacity import Costs
from repartee.calls.pressure import Load
from repartee.engines.ladder.outcomes import fingerprint
from repartee.server import measuring
from repartee.server.cpu_use import with_cpu_seconds
from repartee.server.house import House
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.every_interface import WAV
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
    assert health["places"] == {"most": 5, "free": 4}
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


class TestMeasuring:
    @staticmethod
    def written(house: House, costs: Costs, machine: str) -> None:
        names = " ".join(getattr(house.engines, kind).name for kind in ("stt", "llm", "tts"))
        text = msgspec.json.encode(
            {"machine": machine, "engines": names, "costs": msgspec.structs.asdict(costs)}
        )
        Path(house.settings.models_dir, "capacity.json").write_bytes(text)

    async def test_what_was_measured_here_before_counts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(measuring, "works_here", lambda engines, kind: True)
        async with open_house(models_dir=str(tmp_path)) as house:
            self.written(house, Costs(hearing=1e6), fingerprint())
            await measuring.know_capacity(house)
            assert house.roster.most == 1

    async def test_engines_that_cost_nothing_here_are_not_measured(self) -> None:
        async with open_house() as house:
            await measuring.know_capacity(house)
            assert house.roster.most == house.settings.max_calls

    async def test_who_knows_better_says_so(self) -> None:
        async with open_house(capacity=3) as house:
            assert house.roster.most == 3
        async with open_house(capacity=300, max_calls=10) as house:
            assert house.roster.most == 10

    @pytest.mark.engines
    async def test_the_embedded_engines_are_measured_in_a_quiet_moment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from repartee.engines.build import build_engines
        from repartee.settings import Settings

        monkeypatch.setattr(measuring, "QUIET_SECONDS", 0)
        engines = build_engines(Settings(models_dir=str(tmp_path), stt="pocketsphinx"))
        await engines.open()
        try:
            async with open_house(engines=engines, models_dir=str(tmp_path)) as house:
                await measuring.know_capacity(house)
                first = house.roster.most
                assert 1 <= first < 100
                assert (tmp_path / "capacity.json").exists()
        finally:
            await engines.close()


async def test_what_work_costs_is_seen() -> None:
    async def work() -> str:
        return str(sum(range(1_000_000)))

    result, cpu = await with_cpu_seconds(work())
    assert result == "499999500000"
    assert 0 < cpu < 10
