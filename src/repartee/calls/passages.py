"""The passages of a recording in which somebody speaks, each as long as a recogniser likes it.

Recognisers do badly on silence and noise: it costs them time, spoils how they hear the words beside
it, and makes some of them invent words. So they are given what the detector takes for speech, as in
a call. A longer passage is cut where the last third of it is quietest, hardly ever inside a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, VoiceDetector
from repartee.listening.segmenter import Segmenter, SegmentRules, SpeechBegan
from repartee.listening.windows import Windows

LONGEST = 30 * LISTENING_RATE_HZ
_SHORTEST = 20 * LISTENING_RATE_HZ
_RULES = SegmentRules(pause_ms=1_000)
"""Within a passage may be pauses as long as people make them within a sentence."""
_BEFORE_MS, _AFTER_MS = 200, 150
"""Of what lies around it, so that no soft beginning or end is lost. Every 100 ms more take a
recogniser some 10 ms, and it hears no better for them."""
_WINDOWS_AT_A_TIME = 16
_STEP = LISTENING_RATE_HZ // 50
_QUIET_STEPS = 10
"""A quiet moment lasts 200 ms."""


async def passages(detector: VoiceDetector, samples: Samples) -> list[Samples]:
    """What is to be heard of this recording, in order; nothing if nobody speaks."""
    found: list[Samples] = []
    heard_until = 0
    for begin_ms, end_ms in await _speech(detector, samples):
        begin = max(_place(begin_ms - _BEFORE_MS), heard_until)
        heard_until = min(_place(end_ms + _AFTER_MS), len(samples))
        found += _cut(samples[begin:heard_until])
    return found


async def _speech(detector: VoiceDetector, samples: Samples) -> list[tuple[float, float]]:
    """Begin and end of every stretch of speech, in milliseconds."""
    stream, segmenter = detector.stream(), Segmenter(_RULES)
    window_ms = detector.window_samples * 1000 / LISTENING_RATE_HZ
    stretches: list[tuple[float, float]] = []
    begun_ms = 0.0
    for count, window in enumerate(Windows(detector.window_samples).cut(samples), 1):
        for edge in segmenter.feed(await stream.probability(window), window_ms):
            if isinstance(edge, SpeechBegan):
                begun_ms = edge.at_ms
            else:
                stretches.append((begun_ms, edge.at_ms))
        if count % _WINDOWS_AT_A_TIME == 0:
            # A detector may answer without ever waiting; an hour must not hold the loop.
            await asyncio.sleep(0)
    if segmenter.in_speech:
        stretches.append((begun_ms, len(samples) * 1000 / LISTENING_RATE_HZ))
    return stretches


def _place(ms: float) -> int:
    return max(round(ms * LISTENING_RATE_HZ / 1000), 0)


def _cut(samples: Samples) -> Iterator[Samples]:
    while len(samples) > LONGEST:
        end = _SHORTEST + _quietest(samples[_SHORTEST:LONGEST])
        yield samples[:end]
        samples = samples[end:]
    yield samples


def _quietest(samples: Samples) -> int:
    """The middle of the quietest moment."""
    steps = samples[: len(samples) // _STEP * _STEP].astype(np.float32).reshape(-1, _STEP)
    power = np.square(steps).mean(axis=1)
    moments = np.convolve(power, np.ones(_QUIET_STEPS, np.float32), "valid")
    return (int(moments.argmin()) + _QUIET_STEPS // 2) * _STEP
