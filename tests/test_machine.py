"""What the machine gives to this process, container or not."""

from pathlib import Path

import pytest

from repartee import machine
from repartee.settings import Settings


@pytest.fixture
def quota(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(machine, "_QUOTA", tmp_path / "cpu.max")
    return tmp_path / "cpu.max"


class TestCores:
    def test_those_of_the_machine(self, quota: Path) -> None:
        assert machine.usable_cores() == 4

    @pytest.mark.parametrize(
        ("written", "cores"),
        [
            ("150000 100000\n", 1.5),
            ("800000 100000\n", 4),
            ("max 100000\n", 4),
            ("", 4),
            ("1 0", 4),
        ],
    )
    def test_less_what_a_container_is_denied(self, quota: Path, written: str, cores: float) -> None:
        quota.write_text(written)
        assert machine.usable_cores() == cores

    @pytest.mark.parametrize(
        ("setting", "written", "speculates"),
        [
            ("auto", "max 100000", True),
            ("auto", "100000 100000", False),
            ("on", "100000 100000", True),
            ("off", "max 100000", False),
        ],
    )
    def test_replies_are_prepared_ahead_where_a_core_is_left(
        self, quota: Path, setting: str, written: str, speculates: bool
    ) -> None:
        quota.write_text(written)
        assert Settings.load({"SPECULATION": setting}, None).speculates is speculates


class TestMemory:
    def test_what_can_be_had(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        table = tmp_path / "meminfo"
        table.write_text("MemTotal:  9 kB\nMemAvailable:   2000 kB\n")
        monkeypatch.setattr(machine, "_MEMORY", table)
        assert machine.free_memory_bytes() == 2_048_000

    def test_a_system_that_does_not_say(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(machine, "_MEMORY", tmp_path / "none")
        assert machine.free_memory_bytes() is None
