"""A trial of an engine in a process of its own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from repartee.engines.catalogue import Kind
from repartee.engines.ladder import climbing, trial
from repartee.engines.ladder.choosing import DidNotWork, Outcome, Reached, Speed, TooSlow
from repartee.engines.ladder.rungs import LADDER
from repartee.engines.ladder.trial import Order, attempt
from repartee.settings import Settings
from repartee.testing.standins.deepgram import DeepgramStandIn, in_a_thread


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


class TestWhatIsElsewhere:
    @pytest.fixture
    def standin(self) -> Iterator[DeepgramStandIn]:
        with in_a_thread(DeepgramStandIn()) as standin:
            yield standin

    @staticmethod
    def ordered(kind: Kind, standin: DeepgramStandIn, key: str) -> Outcome:
        settings = Settings(deepgram_api_key=SecretStr(key), deepgram_base_url=standin.url)
        return climbing.tried(kind, LADDER[kind][0], settings, 30)

    @pytest.mark.parametrize("kind", ["stt", "tts"])
    def test_is_reached_and_asked_for_nothing(self, kind: Kind, standin: DeepgramStandIn) -> None:
        assert isinstance(self.ordered(kind, standin, standin.key), Reached)
        assert not any(visit.samples or visit.types for visit in standin.connections)

    def test_or_does_not_accept_the_key(self, standin: DeepgramStandIn) -> None:
        assert self.ordered("stt", standin, "wrong") == DidNotWork()

    def test_or_fails(self, standin: DeepgramStandIn) -> None:
        standin.status = 503
        assert self.ordered("tts", standin, standin.key) == DidNotWork()


def test_only_an_order_for_elsewhere_holds_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
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
    climbing.tried("llm", LADDER["llm"][0], settings, 5)
    assert "sesame" not in repr(ordered)
    assert ordered[1].settings["gemini_api_key"] == "sesame"
