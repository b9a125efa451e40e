"""Sound of any lengths, cut into the windows of exactly one length that a detector wants."""

from __future__ import annotations

import numpy as np

from repartee.engines.protocols import Samples

WINDOW_SAMPLES = 512
_NOTHING: Samples = np.zeros(0, np.int16)


class Windows:
    """Windows are slices of what came in; only one that spans two chunks is put together."""

    def __init__(self, size: int = WINDOW_SAMPLES) -> None:
        if size < 1:
            raise ValueError(f"size is {size}; a window has at least one sample.")
        self.size = size
        self.position = 0
        """Samples taken in so far, those that still wait for a full window included."""
        self._rest = _NOTHING

    @property
    def missing(self) -> int:
        """How many samples the next window still lacks."""
        return self.size - len(self._rest)

    def cut(self, samples: Samples) -> list[Samples]:
        """The windows that these samples complete."""
        self.position += len(samples)
        windows: list[Samples] = []
        if len(self._rest):
            missing = self.size - len(self._rest)
            self._rest = np.concatenate((self._rest, samples[:missing]))
            samples = samples[missing:]
            if len(self._rest) < self.size:
                return windows
            windows.append(self._rest)
        whole = len(samples) - len(samples) % self.size
        windows += [samples[at : at + self.size] for at in range(0, whole, self.size)]
        # A copy: the rest must not keep the whole chunk alive, nor change with the caller's buffer.
        self._rest = samples[whole:].copy()
        return windows
