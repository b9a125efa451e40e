"""The page about engines says what the catalogue says."""

from pathlib import Path

import pytest

from repartee.engines.catalogue import BUILT_IN, BuiltIn, Kind
from repartee.engines.ladder.rungs import LADDER
from repartee.engines.table import markdown
from repartee.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
ENGINES = [(kind, name) for kind, engines in BUILT_IN.items() for name in engines]
PROMISED = {
    "stt": {"deepgram", "huggingface", "whispercpp", "whisper", "mlx-whisper"},
    "llm": {"gemini", "huggingface", "transformers"},
    "tts": {"deepgram", "kokoro", "mms", "speecht5", "huggingface", "gtts", "coqui"},
}
"""Engines that other voice servers of this kind have, so that people can move here."""


def row_of(kind: Kind, name: str) -> list[str]:
    section = markdown().split("\n## ")[1 + list(BUILT_IN).index(kind)]
    row = next(line for line in section.splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_page_is_the_one_that_the_catalogue_prints() -> None:
    assert PAGE.read_text("utf-8") == markdown(), (
        "print it anew: python -m repartee.engines.table > docs/engines.md"
    )


@pytest.mark.parametrize(("kind", "name"), ENGINES)
class TestEveryEngine:
    def test_it_has_a_row_without_gaps(self, kind: Kind, name: str) -> None:
        assert all(row_of(kind, name))

    def test_its_settings_are_settings(self, kind: Kind, name: str) -> None:
        named = [part.strip("` ") for part in row_of(kind, name)[5].split(",")]
        assert named == ["none"] or all(one.lower() in Settings.model_fields for one in named)

    def test_an_extra_brings_its_packages(self, kind: Kind, name: str) -> None:
        engine = BUILT_IN[kind][name]
        assert not engine.extra or engine.packages
        assert engine.where == "here" or not engine.packages


@pytest.mark.parametrize("kind", PROMISED)
def test_every_engine_that_is_promised_is_there(kind: Kind) -> None:
    assert PROMISED[kind] <= set(BUILT_IN[kind])


def test_the_ladder_is_on_the_page_in_its_order() -> None:
    for kind, rungs in LADDER.items():
        assert f"- `{kind.upper()}`: {', '.join(rung.name for rung in rungs)}\n" in markdown()


def test_every_extra_is_one_that_can_be_installed() -> None:
    import tomllib

    pyproject = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text())
    extras = pyproject["project"]["optional-dependencies"]
    engines: list[BuiltIn] = [one for kind in BUILT_IN.values() for one in kind.values()]
    assert {engine.extra for engine in engines if engine.extra} <= set(extras)
