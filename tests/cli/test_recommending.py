"""`repartee doctor --recommend`: where this machine stands on the ladder."""

import json

import pytest

from repartee.cli import recommending
from repartee.engines.catalogue import Kind
from repartee.engines.ladder.choosing import Outcome, Speed
from repartee.engines.ladder.rungs import Rung
from repartee.engines.registry import Registry
from repartee.models.storeroom import Storeroom
from repartee.settings import Settings
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cores, and nothing installed but what is embedded."""
    embedded = ("pocketsphinx", "llamacpp", "espeak")
    monkeypatch.setattr(Registry, "available", lambda self, kind, name: name in embedded)
    for place in ("facts.usable_cores", "outcomes.usable_cores"):
        monkeypatch.setattr(f"repartee.engines.ladder.{place}", lambda: 2)
    monkeypatch.setattr("repartee.engines.ladder.facts.has_gpu", lambda: False)


def test_every_rung_is_told_with_what_it_lacks(run: Run) -> None:
    told = run("doctor", "--recommend").stdout
    hearing = told.split("\n\n")[0].splitlines()
    assert hearing[0] == "Hearing (STT), the best first:"
    assert hearing[1].endswith("on another machine, not asked for  [set DEEPGRAM_API_KEY]")
    turbo = next(line for line in hearing if "faster-whisper/large-v3-turbo" in line)
    assert "not installed, wants an NVIDIA GPU" in turbo
    assert hearing[-2].startswith("-> pocketsphinx")
    assert hearing[-1] == (
        "Better here: pip install 'repartee-voice[moonshine]'"
        " && repartee models pull moonshine/small-streaming-en"
    )


def test_what_does_not_know_the_language_is_left_out(run: Run) -> None:
    told = run("doctor", "--recommend", "--language", "de").stdout
    assert "moonshine/small-streaming-de" in told
    assert "small-streaming-en" not in told
    assert "pocketsphinx" not in told


def test_for_programs(run: Run) -> None:
    told = json.loads(run("doctor", "--recommend", "--json").stdout)
    assert told["tts"]["rungs"][-1] == {
        "engine": "espeak",
        "state": "ready",
        "picked": True,
        "command": "",
    }
    assert told["llm"]["next"] == "repartee models pull llamacpp/qwen2.5-0.5b-instruct-q4_k_m"


class TestTried:
    SLOW, QUICK = Speed(4_000, 2.0), Speed(300, 0.2)

    @pytest.fixture
    def outcomes(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Outcome]:
        """How trials go, of language models that are all here."""
        outcomes: dict[str, Outcome] = {}

        def tried(kind: Kind, rung: Rung, settings: Settings, patience_s: float) -> Outcome:
            return outcomes.get(rung.name, self.SLOW)

        monkeypatch.setattr(recommending, "tried", tried)
        monkeypatch.setattr(
            Storeroom,
            "found",
            lambda self, model: self.folder if model.engine == "llamacpp" else None,
        )
        return outcomes

    def test_figures_stand_beside_what_was_tried(
        self, run: Run, outcomes: dict[str, Outcome]
    ) -> None:
        outcomes["llamacpp/qwen2.5-0.5b-instruct-q4_k_m"] = self.QUICK
        result = run("doctor", "--recommend")
        thinking = result.stdout.split("\n\n")[1]
        assert "too slow here: 4000 ms to wait, 2.00 s of work for a second of speech;" in thinking
        assert "-> llamacpp/qwen2.5-0.5b-instruct-q4_k_m" in thinking
        assert "ready: 300 ms to wait" in thinking
        assert "Trying llamacpp/Qwen2.5-7B-Instruct-Q4_K_M …" in result.stderr
        assert thinking.endswith("Nothing better can be expected of this machine.")
