"""Where models are looked for, and what is said of those that are not there."""

from pathlib import Path

import pytest

from repartee.engines.local.models import Shelf
from repartee.errors import EngineMissing


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf("tiny", "STT_MODEL", str(tmp_path / "models"))


def folder(path: Path, *files: str) -> Path:
    path.mkdir(parents=True)
    for name in files:
        (path / name).touch()
    return path


def nowhere(name: str) -> str:
    raise FileNotFoundError(name)


class TestFolders:
    def test_a_folder_is_named_by_its_path(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "anywhere", "model.bin")
        assert shelf.folder(str(place), ["model.bin"], nowhere) == place

    def test_or_by_its_name_among_the_models(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "models" / "maker" / "model")
        assert shelf.folder("maker/model", [], nowhere) == place

    def test_or_without_its_makers_name(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "models" / "model")
        assert shelf.folder("maker/model", [], nowhere) == place

    def test_or_by_its_name_among_those_of_its_engine(self, shelf: Shelf, tmp_path: Path) -> None:
        folder(tmp_path / "models" / "model")
        own = folder(tmp_path / "models" / "tiny" / "model")
        assert shelf.folder("maker/model", [], nowhere) == own
        assert shelf.folder("model", [], nowhere) == own

    def test_or_it_was_fetched_from_the_hub(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "cache")
        assert shelf.folder("maker/model", [], lambda name: str(place)) == place

    def test_one_that_is_nowhere_is_asked_for_with_its_files(self, shelf: Shelf) -> None:
        with pytest.raises(EngineMissing) as asked:
            shelf.folder("maker/model", ["a.bin", "b.json"], nowhere)
        assert str(asked.value) == (
            "The model “model” of the tiny engine is not on this machine. Put a.bin, b.json where"
            " models lie (models/model), or set STT_MODEL to where they are."
        )

    def test_one_that_lacks_a_file_is_asked_for_that_file(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        folder(tmp_path / "models" / "model", "a.bin")
        with pytest.raises(EngineMissing, match=r"Put b\.json where"):
            shelf.folder("model", ["a.bin", "b.json"], nowhere)

    @pytest.mark.parametrize("name", ["", "a\nb", "no:name", "x" * 300])
    def test_a_name_that_nothing_can_have_is_nowhere(self, shelf: Shelf, name: str) -> None:
        with pytest.raises(EngineMissing):
            shelf.folder(name, ["model.bin"])


class TestFiles:
    def test_the_suffix_may_be_left_out(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "models", "base.pt") / "base.pt"
        assert shelf.file("base", ".pt") == shelf.file("base.pt", ".pt") == place

    def test_it_may_lie_in_a_folder_of_its_own(self, shelf: Shelf, tmp_path: Path) -> None:
        place = folder(tmp_path / "models" / "tiny" / "base", "base.pt") / "base.pt"
        assert shelf.file("base", ".pt") == shelf.file("base.pt", ".pt") == place

    def test_a_file_is_found_where_its_library_keeps_it(self, shelf: Shelf, tmp_path: Path) -> None:
        kept = folder(tmp_path / "kept", "base.pt")
        assert shelf.file("base", ".pt", library_keeps=kept) == kept / "base.pt"

    def test_one_that_is_nowhere_is_asked_for(self, shelf: Shelf) -> None:
        with pytest.raises(EngineMissing, match=r"Put base\.pt where models lie \(models/base\)"):
            shelf.file("base", ".pt")


def test_a_model_that_is_known_is_asked_for_with_the_command_that_fetches_it(
    tmp_path: Path,
) -> None:
    shelf = Shelf("transformers", "LLM_MODEL", str(tmp_path))
    with pytest.raises(EngineMissing) as asked:
        shelf.folder("Qwen/Qwen2.5-0.5B-Instruct", ["config.json"], nowhere)
    assert asked.value.hint.startswith(
        "Fetch it with: repartee models pull transformers/Qwen2.5-0.5B-Instruct. "
        "Or put config.json where models lie ("
    )


def test_a_sentence_shows_no_paths(shelf: Shelf) -> None:
    sentence = str(shelf.missing("/home/ann/secret/model", "a.bin"))
    assert "ann" not in sentence
    assert "“model”" in sentence
