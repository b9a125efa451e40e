"""The streams of real browsers' recorders beside this file, blob by blob."""

from __future__ import annotations

import json
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

from repartee.audio.decoding import RecordingDecoder

FOLDER = Path(__file__).parent
_INDEX = {entry["file"]: entry for entry in json.loads((FOLDER / "index.json").read_text())}

NAMES = sorted(_INDEX)
SPEECH_FROM_SECONDS = 0.4
"""Where in `q1_weather.wav` each of them begins, give or take what starting took."""


def blobs(name: str) -> list[bytes]:
    data = (FOLDER / name).read_bytes()
    edges = accumulate(_INDEX[name]["blobs"], initial=0)
    return [data[start:end] for start, end in pairwise(edges)]


@cache
def timed_blobs(name: str) -> list[tuple[float, bytes]]:
    """Each blob with how many seconds had been recorded when it was handed out."""
    decoder = RecordingDecoder()
    timed = []
    for blob in blobs(name):
        decoder.push(blob)
        timed.append((decoder.seconds, blob))
    return timed
