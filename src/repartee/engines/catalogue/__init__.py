"""The engines that come with the house: where each is, what it needs, and which settings it takes.

One table, read by the registry and printed in the documentation. Nothing in it is imported before
it is chosen.
"""

from __future__ import annotations

from repartee.engines.catalogue.detectors import TURN_DETECTORS, VOICE_DETECTORS
from repartee.engines.catalogue.recognizers import RECOGNIZERS
from repartee.engines.catalogue.responders import RESPONDERS
from repartee.engines.catalogue.row import BuiltIn as BuiltIn
from repartee.engines.catalogue.row import Kind as Kind
from repartee.engines.catalogue.synthesizers import SYNTHESIZERS

BUILT_IN: dict[Kind, dict[str, BuiltIn]] = {
    "voice": VOICE_DETECTORS,
    "turn": TURN_DETECTORS,
    "stt": RECOGNIZERS,
    "llm": RESPONDERS,
    "tts": SYNTHESIZERS,
}
