"""What was measured is kept for the next start, and for nobody else; and nothing spoils it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

from repartee.calls.capacity import Costs
from repartee.engines.build import Engines
from repartee.engines.ladder.outcomes import fingerprint
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineFailed
from repartee.server import measuring, rehearsing
from repartee.server.house import House
from tests.calls.fakes import FakeModel, raises, writes
from tests.calls.line import scripted
from tests.server.being_measured import being_measured
from tests.server.open_house import open_house

pytestmark = pytest.mark.anyio


def named(engines: Engines, **names: str) -> Engines:
    """The same, by the names of engines that there are."""
    for kind, name in names.items():
        getattr(engines, kind).name = name
    return engines


class TestWhatWasMeasuredBefore:
    @staticmethod
    def written(house: House, costs: Costs, machine: str) -> None:
        text = msgspec.json.encode(
            {
                "machine": machine,
                "set_up": measuring.set_up(house),
                "costs": msgspec.structs.asdict(costs),
            }
        )
        Path(house.settings.models_dir, "capacity.json").write_bytes(text)

    async def test_what_was_measured_here_before_counts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(measuring, "works_here", lambda engines, kind: True)
        async with open_house(models_dir=str(tmp_path)) as house:
            self.written(house, Costs(hearing=1e6), fingerprint())
            await measuring.know_capacity(house)
            assert (house.roster.most, house.roster.basis) == (1, "measured")

    @pytest.mark.parametrize(
        "changed",
        [
            {"llm_model": "large.gguf"},
            {"llm_slots": 2},
            {"stt_model": "large-v3"},
            {"stt_device": "cuda"},
            {"stt_compute_type": "int8"},
            {"tts_model": "another.onnx"},
            {"tts_default_voice": "bf_emma"},
            {"instructions": "Think for long."},
        ],
    )
    async def test_but_not_if_something_else_was_measured(
        self, tmp_path: Path, changed: dict[str, Any]
    ) -> None:
        usual = {"stt": "faster-whisper", "llm": "llamacpp", "tts": "piper"}
        given: dict[str, Any] = {"models_dir": str(tmp_path), "llm_model": "small.gguf", **usual}
        engines = named(scripted(), **usual)
        async with (
            open_house(engines=engines, **given) as before,
            open_house(engines=engines, **given | {"host": "0.0.0.0"}) as same,
            open_house(engines=engines, **given | changed) as after,
        ):
            assert measuring.set_up(same) == measuring.set_up(before)
            assert measuring.set_up(after) != measuring.set_up(before)

    async def test_nor_where_there_are_other_models(self, tmp_path: Path) -> None:
        """The engine named auto takes the best of them, and a file may become another one."""
        async with open_house(models_dir=str(tmp_path)) as house:
            set_ups = [measuring.set_up(house)]
            for weights in (b"small", b"larger"):
                (tmp_path / "model.gguf").write_bytes(weights)
                set_ups.append(measuring.set_up(house))
            (tmp_path / "capacity.json").write_bytes(b"{}")
            assert measuring.set_up(house) == set_ups[-1]
            assert len(set(set_ups)) == 3

    async def test_nor_where_the_libraries_may_use_other_threads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with open_house(models_dir=str(tmp_path)) as house:
            monkeypatch.setenv("OMP_NUM_THREADS", "1")
            before = measuring.set_up(house)
            monkeypatch.setenv("OMP_NUM_THREADS", "4")
            assert measuring.set_up(house) != before

    async def test_what_was_measured_of_another_model_does_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(measuring, "works_here", lambda engines, kind: True)
        monkeypatch.setattr(measuring, "START_SECONDS", 0.0)
        engines = named(scripted(llm=FakeModel("Paris.")), llm="llamacpp")
        given: dict[str, Any] = {"engines": engines, "models_dir": str(tmp_path)}
        async with open_house(**given, llm_model="small.gguf") as house:
            self.written(house, Costs(hearing=1e6), fingerprint())
        async with open_house(**given, llm_model="large.gguf") as house:
            await measuring.know_capacity(house)
            assert house.roster.most > 1

    async def test_engines_that_cost_nothing_here_are_not_measured(self) -> None:
        async with open_house() as house:
            await measuring.know_capacity(house)
            assert house.roster.most == house.settings.max_calls
            assert house.roster.basis == "settings"

    async def test_who_knows_better_says_so(self) -> None:
        async with open_house(capacity=3) as house:
            assert house.roster.most == 3
        async with open_house(capacity=300, max_calls=10) as house:
            assert house.roster.most == 10

    @pytest.mark.engines
    async def test_the_embedded_engines_are_measured_at_once(self, tmp_path: Path) -> None:
        from repartee.engines.build import build_engines
        from repartee.settings import Settings

        engines = build_engines(Settings(models_dir=str(tmp_path), stt="pocketsphinx"))
        await engines.open()
        try:
            async with open_house(engines=engines, models_dir=str(tmp_path)) as house:
                await measuring.know_capacity(house)
                assert 1 <= house.roster.most < 100
                assert house.roster.basis == "measured"
                assert (tmp_path / "capacity.json").exists()
        finally:
            await engines.close()


@pytest.mark.usefixtures("at_once")
class TestBesideRehearsing:
    @pytest.fixture(autouse=True)
    def _in_a_hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rehearsing, "QUIET_SECONDS", 0.0)

    async def test_the_voice_that_rehearses_spoils_no_figure(self, tmp_path: Path) -> None:
        asked, may_go_on = anyio.Event(), anyio.Event()

        async def wait() -> None:
            asked.set()
            await may_go_on.wait()

        model = FakeModel(writes("Paris", wait))
        cached = Cached(ScriptedSynthesizer(), 1 << 20)
        async with being_measured(model, tmp_path, tts=cached) as house:
            await asked.wait()
            known = cached.figures.sounds
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(rehearsing.rehearse, house)
                await anyio.wait_all_tasks_blocked()
                assert cached.figures.sounds == known
                may_go_on.set()
            assert cached.figures.sounds > known

    async def test_nor_does_it_come_before_whoever_has_ended_the_measuring(self) -> None:
        cached = Cached(ScriptedSynthesizer(), 1 << 20)
        async with (
            open_house(engines=scripted(tts=cached)) as house,
            anyio.create_task_group() as tasks,
        ):
            await house.alone.acquire()
            tasks.start_soon(rehearsing.rehearse, house)
            await anyio.wait_all_tasks_blocked()
            async with house.errands.speaking.job():
                house.alone.release()
                for _ in range(20):
                    await anyio.lowlevel.checkpoint()
                assert cached.figures.misses == 0
        assert cached.figures.sounds > 0

    async def test_a_model_that_never_works_keeps_no_sentence_from_being_learned(
        self, tmp_path: Path
    ) -> None:
        """They are what is said when an engine fails."""
        failed = writes("Par", raises(EngineFailed("The model broke.")))
        cached = Cached(ScriptedSynthesizer(), 1 << 20)
        engines = scripted(llm=FakeModel(*[failed] * 1_000), tts=cached)
        async with (
            open_house(engines=engines, models_dir=str(tmp_path)) as house,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(measuring.know_capacity, house)
            with anyio.fail_after(20):
                await rehearsing.rehearse(house)
            tasks.cancel_scope.cancel()
        assert house.roster.basis == "cores"
