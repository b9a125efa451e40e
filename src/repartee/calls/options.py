"""What one call is to be like; most of it comes from the settings."""

from __future__ import annotations

import msgspec

from repartee.calls.pressure import NO_PRESSURE, Pressure
from repartee.calls.recording import RecordOptions
from repartee.conversation import Rules
from repartee.engines.protocols import Sampling, Speech
from repartee.listening.segmenter import SegmentRules
from repartee.observe.onlookers import NOBODY, Onlookers


class CallOptions(msgspec.Struct, frozen=True):
    rules: Rules = Rules()
    segments: SegmentRules = SegmentRules()
    speech: Speech = Speech()
    sampling: Sampling = Sampling()
    playback_lead_ms: int = 200
    preroll_ms: int = 300
    record: RecordOptions | None = None
    pressure: Pressure = NO_PRESSURE
    onlookers: Onlookers = NOBODY
    patient: bool = False
    """Nobody is on the line: whoever is may be served first."""
