"""Who detects speech, and who judges when a turn is over."""

from __future__ import annotations

from repartee.engines.catalogue.row import BuiltIn
from repartee.engines.catalogue.shared import (
    LOCAL,
    SCRIPT,
)

VOICE_DETECTORS: dict[str, BuiltIn] = {
    "silero": BuiltIn("voice.silero:Silero", ("onnxruntime",), licence="MIT"),
    "scripted": BuiltIn("voice.scripted:ScriptedDetector", settings=SCRIPT, licence="Apache-2.0"),
}

TURN_DETECTORS: dict[str, BuiltIn] = {
    "smart-turn": BuiltIn(
        "turn.smart_turn:SmartTurn",
        ("onnxruntime",),
        settings=LOCAL | {"model": "turn_model"},
        streaming="at each pause",
        languages="23",
        licence="model BSD-2-Clause",
    ),
}
