"""The promises of a voice detector."""

from __future__ import annotations

import asyncio

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, VoiceDetector
from repartee.testing.checks.looking import babble, soon


async def check_detector(detector: VoiceDetector) -> None:
    """Probabilities for every window, no mixing of streams, and no harm from one that leaves."""
    size = detector.window_samples
    assert detector.name, "A detector has a name."
    assert 0 < size <= LISTENING_RATE_HZ, "A window is longer than nothing and at most a second."
    sound, silence = babble(12 * size), np.zeros(12 * size, np.int16)
    await detector.open()
    try:
        alone = await _probabilities(detector, sound)
        assert all(0.0 <= p <= 1.0 for p in alone), "A probability lies between 0 and 1."
        quiet = await _probabilities(detector, silence)
        assert max(quiet) < 0.5, "Silence is not speech."
        beside = await asyncio.gather(
            *(_probabilities(detector, part) for part in (sound, silence, sound, silence, sound))
        )
        assert beside == [alone, quiet, alone, quiet, alone], "Streams do not mix."

        leaving = asyncio.ensure_future(detector.stream().probability(sound[:size]))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        again = await _probabilities(detector, sound)
        assert again == alone, "A caller that leaves early harms nobody."
    finally:
        await detector.close()


async def _probabilities(detector: VoiceDetector, sound: Samples) -> list[float]:
    stream, size = detector.stream(), detector.window_samples
    windows = (sound[at : at + size] for at in range(0, len(sound), size))
    return [await soon(stream.probability(window)) for window in windows]
