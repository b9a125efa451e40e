"""How Whisper is asked when somebody waits for the answer, and what its Python libraries tell.

In one try, whatever comes out; without looking back, for that is how it gets into circles; and
without the places of the words, unless they are needed to get from one window to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.engines.local.windowed import Wave
from repartee.engines.protocols import LISTENING_RATE_HZ, Transcript
from repartee.engines.stt.whisper_answer import Segment, transcript_of_segments
from repartee.engines.stt.whisper_languages import language_told

AT_ONCE_SAMPLES = 30 * LISTENING_RATE_HZ


def fits_at_once(sound: Wave) -> bool:
    return len(sound) <= AT_ONCE_SAMPLES


def live_options(sound: Wave, language: str) -> dict[str, Any]:
    """The options that openai-whisper and those modelled on it understand."""
    return {
        "language": language or None,
        "temperature": 0.0,
        "condition_on_previous_text": False,
        "without_timestamps": fits_at_once(sound),
        "verbose": None,
    }


def transcript_told(result: Mapping[str, Any]) -> Transcript:
    return transcript_of_segments(
        [
            Segment(
                one["text"],
                float(one["avg_logprob"]),
                float(one["no_speech_prob"]),
                float(one["compression_ratio"]),
            )
            for one in result["segments"]
        ],
        language_told(result.get("language")),
    )
