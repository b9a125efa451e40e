"""The recordings beside this file, for tests and benchmarks."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent


def recording(name: str) -> npt.NDArray[np.int16]:
    with wave.open(str(FOLDER / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def spoken_parts(name: str) -> list[dict[str, Any]]:
    """Who says what when: a list of {start, end, text}, times in seconds."""
    index: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())
    parts: list[dict[str, Any]] = next(entry["speech"] for entry in index if entry["file"] == name)
    return parts
