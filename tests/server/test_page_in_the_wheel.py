"""The built page travels in the wheel, though it is not in the repository."""

from __future__ import annotations

import shutil
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PAGE = "src/repartee/server/web"


def test_whoever_installs_the_wheel_has_the_page(tmp_path: Path) -> None:
    for file in ("pyproject.toml", ".gitignore", "README.md"):
        shutil.copy(ROOT / file, tmp_path)
    built = [f"{PAGE}/index.html", f"{PAGE}/assets/index.js", f"{PAGE}/widget.js"]
    for file in built:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    carried = WheelBuilder(str(tmp_path)).recurse_included_files()
    assert {file.distribution_path for file in carried} == {
        file.removeprefix("src/") for file in built
    }
