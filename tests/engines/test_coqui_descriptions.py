"""What comes with a model of Coqui's says where its maker had its statistics."""

import json
from pathlib import Path

from repartee.engines.tts.coqui import _placed


def described(folder: Path) -> str:
    file = folder / "config.json"
    file.write_text(json.dumps({"audio": {"stats_path": "/home/maker/stats.npy", "rate": 1}}))
    return str(file)


def test_statistics_that_are_here_are_found(tmp_path: Path) -> None:
    (tmp_path / "scale_stats.npy").touch()
    copy = tmp_path / "copy.json"
    placed = _placed(described(tmp_path), copy)
    assert placed == str(copy)
    audio = json.loads(copy.read_text())["audio"]
    assert audio == {"stats_path": str(tmp_path / "scale_stats.npy"), "rate": 1}


def test_without_any_the_description_is_taken_as_it_is(tmp_path: Path) -> None:
    description = described(tmp_path)
    assert _placed(description, tmp_path / "copy.json") == description
    assert _placed("", tmp_path / "copy.json") == ""
