"""A detector that needs no model: loud is speech.

It is exact and costs next to nothing, which is what a test or a benchmark of everything else
wants. It takes a slammed door for a word, so it is no detector for people.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from repartee.engines.protocols import Samples
from repartee.engines.script import read_script

_FULL_SCALE = 32768.0


class DetectorScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    speech_dbfs: Annotated[float, msgspec.Meta(ge=-96, le=0)] = -40.0
    """A window at least as loud as this is speech, any other is none."""


class ScriptedDetector:
    name = "scripted"
    window_samples = 512

    def __init__(self, *, speech_dbfs: float = -40.0, script: str | None = None) -> None:
        self._path = script
        self._script = DetectorScript(speech_dbfs)

    async def open(self) -> None:
        self._script = await read_script(self._path, "voice", self._script)

    def stream(self) -> ScriptedVoiceStream:
        return ScriptedVoiceStream(self._script.speech_dbfs)

    async def close(self) -> None:
        """There is nothing to give back."""


class ScriptedVoiceStream:
    """One caller's ear; it remembers nothing."""

    __slots__ = ("_least_power",)

    def __init__(self, speech_dbfs: float) -> None:
        self._least_power = 10.0 ** (speech_dbfs / 10.0) * _FULL_SCALE**2

    async def probability(self, window: Samples) -> float:
        values = window.astype(np.float32)
        return 1.0 if float(np.dot(values, values)) >= self._least_power * len(values) else 0.0
