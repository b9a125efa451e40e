"""The streams of real browsers' recorders beside this file, blob by blob."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from pathlib import Path

FOLDER = Path(__file__).parent
_INDEX = {entry["file"]: entry for entry in json.loads((FOLDER / "index.json").read_text())}

NAMES = sorted(_INDEX)
SPEECH_FROM_SECONDS = 0.4
"""Where in `q1_weather.wav` each of them begins, give or take what starting took."""


def blobs(name: str) -> list[bytes]:
    data = (FOLDER / name).read_bytes()
    edges = accumulate(_INDEX[name]["blobs"], initial=0)
    return [data[start:end] for start, end in pairwise(edges)]
