from pathlib import Path

import pytest

from repartee.models.model import File, Model
from repartee.models.storeroom import Record, Storeroom, bytes_in

TINY = Model("kokoro/tiny", "MIT", "https://x.example", (File("https://x.example/a", "a"),))


@pytest.fixture
def room(tmp_path: Path) -> Storeroom:
    return Storeroom(tmp_path)


def laid_down(folder: Path, content: bytes = b"12345") -> Path:
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(content)
    return folder


def test_a_model_is_found_in_its_place_or_by_its_own_name(room: Storeroom) -> None:
    assert room.found(TINY) is None
    by_hand = laid_down(room.folder / "tiny")
    assert room.found(TINY) == by_hand
    place = laid_down(room.place(TINY))
    assert room.found(TINY) == place


def test_a_folder_that_lacks_a_file_is_no_model(room: Storeroom) -> None:
    room.place(TINY).mkdir(parents=True)
    assert room.found(TINY) is None


def test_removing_takes_what_is_half_fetched_too_and_no_more(room: Storeroom) -> None:
    laid_down(room.place(TINY))
    laid_down(room.partial(TINY))
    other = laid_down(room.folder / "whisper" / "base")
    assert room.remove(TINY)
    assert not (room.folder / "kokoro").exists()
    assert other.is_dir()
    assert not room.remove(TINY)


def test_sizes_are_counted(room: Storeroom) -> None:
    assert bytes_in(laid_down(room.place(TINY), b"123")) == 3


def test_a_record_that_is_not_there_is_empty(room: Storeroom) -> None:
    assert room.records() == {}
    noted = {"kokoro/tiny/a": Record("00", verified=True)}
    room.remember(noted)
    assert room.records() == noted


def test_records_of_checksums_alone_are_understood(room: Storeroom) -> None:
    (room.folder / "checksums.json").write_text('{"kokoro/tiny/a": "00"}')
    assert room.records() == {"kokoro/tiny/a": Record("00", verified=False)}
