"""A trial of an engine in a process of its own."""

import subprocess
from pathlib import Path

import pytest

from repartee.engines.ladder import trial
from repartee.engines.ladder.choosing import DidNotWork, Speed, TooSlow
from repartee.engines.ladder.trial import Order, attempt


@pytest.mark.engines
@pytest.mark.parametrize("kind", ["stt", "llm", "tts"])
def test_every_kind_of_engine_can_be_tried(kind: str) -> None:
    order = Order(kind, {kind: "scripted"})  # type: ignore[arg-type]
    outcome = attempt(order, 60)
    assert isinstance(outcome, Speed)
    assert outcome.wait_ms >= 0
    assert outcome.pace >= 0


def test_one_that_fails_did_not_work(tmp_path: Path) -> None:
    (tmp_path / "script.toml").write_text("[tts]\nfail_after_pieces = 0")
    order = Order("tts", {"tts": "scripted", "script": str(tmp_path / "script.toml")})
    assert attempt(order, 60) == DidNotWork()


def test_one_that_is_not_there_did_not_work() -> None:
    assert attempt(Order("tts", {"tts": "gramophone"}), 60) == DidNotWork()


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*args: object, timeout: float, **more: object) -> None:
        raise subprocess.TimeoutExpired("trial", timeout)

    monkeypatch.setattr(subprocess, "run", endless)
    assert attempt(Order("tts", {"tts": "scripted"}), 3) == TooSlow(3)


def test_an_order_holds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from repartee.engines.ladder import climbing
    from repartee.engines.ladder.rungs import LADDER
    from repartee.settings import Settings

    ordered: list[Order] = []

    def note(order: Order, patience_s: float) -> DidNotWork:
        ordered.append(order)
        return DidNotWork()

    monkeypatch.setattr(trial, "attempt", note)
    settings = Settings.load({"GEMINI_API_KEY": "sesame", "LLM": "auto"}, dotenv=None)
    climbing.tried("llm", LADDER["llm"][-2], settings, 5)
    assert "sesame" not in repr(ordered)
    assert ordered[0].settings["llm"] == "transformers"
    assert Path(ordered[0].settings["models_dir"]).is_absolute()
