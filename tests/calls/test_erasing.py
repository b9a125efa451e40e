"""Recordings that are forgotten: those, all of those, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from repartee.calls.erasing import (
    RecordingsLeft,
    erase_recordings_before,
    erase_recordings_of,
)

pytestmark = pytest.mark.anyio

GONE, STAYS = "6f2c1d8e-3b0a-4e55-9c1f-2a7d90b4e613", "13feff92-4dc3-42bc-a2f8-3cd76db5004f"
ENDS = (".jsonl", ".heard.wav", ".sent.wav")


def recorded(folder: Path, session_id: str, day: int = 3, written_at: float = 0) -> list[Path]:
    """The files of one line of a session: it has several if it was resumed."""
    files = [folder / f"2026-01-{day:02}T03-04-05_{session_id}{end}" for end in ENDS]
    for file in files:
        file.write_text("What was said.")
        os.utime(file, (written_at, written_at))
    return files


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_all_that_was_recorded_of_a_session_goes_and_harms_no_other(tmp_path: Path) -> None:
    recorded(tmp_path, GONE)
    recorded(tmp_path, GONE, day=4)
    others = {file.name for file in recorded(tmp_path, STAYS)}
    assert await erase_recordings_of(tmp_path, [GONE]) == []
    assert names_in(tmp_path) == others


async def test_old_ones_go_whosever_they_are(tmp_path: Path) -> None:
    recorded(tmp_path, GONE, written_at=999)
    young = {file.name for file in recorded(tmp_path, STAYS, written_at=1_001)}
    (tmp_path / "notes.txt").touch()
    os.utime(tmp_path / "notes.txt", (1, 1))
    assert await erase_recordings_before(tmp_path, 1_000) == []
    assert names_in(tmp_path) == {*young, "notes.txt"}


async def test_what_only_looks_like_one_is_left(tmp_path: Path) -> None:
    named = [
        f"{GONE}.jsonl",
        f"2026-01-02T03-04-05_{GONE}.mp3",
        f"2026-01-02T03-04-05_{GONE}.jsonl.bak",
        f"2026-01-02T03-04-05_x{GONE}.jsonl",
        f"x2026-01-02T03-04-05_{GONE}.jsonl",
    ]
    for name in named:
        (tmp_path / name).touch()
    assert await erase_recordings_of(tmp_path, [GONE, "", "*", "../x"]) == []
    assert names_in(tmp_path) == set(named)


async def test_nothing_was_ever_recorded(tmp_path: Path) -> None:
    assert await erase_recordings_of(tmp_path / "nowhere", [GONE]) == []
    assert await erase_recordings_of(tmp_path / "nowhere", []) == []


async def test_no_link_leads_out_of_the_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, outside = tmp_path / "recordings", tmp_path / "outside"
    for one in (folder, outside):
        one.mkdir()
    precious = recorded(outside, GONE)
    link, deep = (folder / file.name for file in precious[:2])
    link.symlink_to(precious[0])
    deep.symlink_to(outside, target_is_directory=True)
    left = await erase_recordings_of(folder, [GONE])
    assert sorted(left) == sorted([link.name, deep.name])
    assert all(file.read_text() for file in precious)
    assert "it is no file, but a link or a folder" in caplog.text


async def test_what_can_not_be_deleted_is_told_and_the_rest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, *_ = recorded(tmp_path, GONE)
    able = os.unlink

    def unlink(path: str) -> None:
        if path == str(stuck):
            raise PermissionError(13, "Permission denied")
        able(path)

    monkeypatch.setattr(os, "unlink", unlink)
    assert await erase_recordings_of(tmp_path, [GONE]) == [stuck.name]
    assert names_in(tmp_path) == {stuck.name}
    assert f"{stuck} can't be deleted: Permission denied." in caplog.text


async def test_a_folder_that_can_not_be_read_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "recordings"
    file.touch()
    assert await erase_recordings_of(file, [GONE]) == ["recordings"]
    assert "Not a directory" in caplog.text


def test_a_few_of_those_that_are_left_are_named() -> None:
    one, many = RecordingsLeft(["a.jsonl"]), RecordingsLeft([f"{n}.jsonl" for n in range(9)])
    assert "a.jsonl." in one.sentence
    assert "0.jsonl, 1.jsonl, 2.jsonl and 6 more." in many.sentence
