"""The last moments of sound, kept so that no first syllable is lost.

Speech is noticed a little after it began; what was said meanwhile, and the breath before it, is
still here then.
"""

from __future__ import annotations

import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples

PREROLL_MS = 300


class PreRoll:
    """A ring of fixed size: the newest samples push out the oldest."""

    def __init__(self, ms: int = PREROLL_MS, rate_hz: int = LISTENING_RATE_HZ) -> None:
        self._ring: Samples = np.zeros(max(ms, 0) * rate_hz // 1000, np.int16)
        self._next = 0
        self._filled = 0

    def __len__(self) -> int:
        return self._filled

    def push(self, samples: Samples) -> None:
        size = len(self._ring)
        if size == 0:
            return
        samples = samples[-size:]
        head = samples[: size - self._next]
        self._ring[self._next : self._next + len(head)] = head
        self._ring[: len(samples) - len(head)] = samples[len(head) :]
        self._next = (self._next + len(samples)) % size
        self._filled = min(size, self._filled + len(samples))

    def take(self) -> Samples:
        """What is kept, oldest first; then the ring is empty."""
        oldest = self._next - self._filled
        if oldest < 0:
            kept = np.concatenate((self._ring[oldest:], self._ring[: self._next]))
        else:
            kept = self._ring[oldest : self._next].copy()
        self.clear()
        return kept

    def clear(self) -> None:
        self._next = self._filled = 0
