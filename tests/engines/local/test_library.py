"""The border to a library: no download on the sly, and errors that a person can act on."""

import os

import pytest

from repartee.engines.local.library import library, loaded
from repartee.errors import EngineFailed, EngineMissing


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "0")


def test_while_a_library_is_loaded_it_is_told_to_fetch_nothing() -> None:
    def load() -> tuple[str, str]:
        return os.environ["HF_HUB_OFFLINE"], os.environ["TRANSFORMERS_OFFLINE"]

    assert loaded("tiny", load) == ("1", "1")


def test_one_that_is_not_installed_is_asked_for() -> None:
    def load() -> None:
        raise ImportError("no tiny")

    with pytest.raises(EngineMissing) as asked:
        loaded("tiny", load)
    assert "pip install 'repartee-voice[tiny]'" in asked.value.hint


def test_whatever_it_raises_is_one_sentence() -> None:
    with (
        pytest.raises(EngineFailed, match="The tiny engine failed while reading"),
        library("tiny", "reading"),
    ):
        raise ZeroDivisionError


def test_our_own_errors_stay_what_they_are() -> None:
    missing = EngineMissing("There is no tiny.")
    with pytest.raises(EngineMissing) as raised, library("tiny", "reading"):
        raise missing
    assert raised.value is missing
