"""Raw sound: 16 bit, little-endian, mono, as it travels in bytes and as it is worked on.

Bytes may be cut anywhere on their way, in the middle of a sample too. `whole_samples` is for
sound that is complete; a `PcmReader` puts a stream of pieces together again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Mono PCM, 16 bit."""

SPEAKING_RATE_HZ = 24_000
"""The rate at which every reply is spoken."""
SAMPLE_BYTES = 2
FULL_SCALE = 32_768
"""What the loudest sample counts; the positive half ends one short of it."""


def whole_samples(data: bytes | bytearray | memoryview) -> Samples:
    """The samples in these bytes; half a sample at the end is left out."""
    return np.frombuffer(data, "<i2", len(data) // SAMPLE_BYTES).astype(np.int16, copy=False)


def pcm_bytes(samples: Samples) -> bytes:
    return samples.astype("<i2", copy=False).tobytes()


def samples_from_float(values: npt.NDArray[np.float32]) -> Samples:
    """Samples from floats within -1..1; louder ones are clipped, and a NaN is silent."""
    sane = np.clip(np.nan_to_num(values, nan=0.0), -1.0, 1.0)
    return np.minimum(np.rint(sane * FULL_SCALE), FULL_SCALE - 1).astype(np.int16)


class PcmReader:
    """Samples from pieces of bytes, wherever those were cut."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = b""

    def take(self, data: bytes) -> Samples:
        if self._half:
            data = self._half + data
        end = len(data) - len(data) % SAMPLE_BYTES
        self._half = data[end:]
        return whole_samples(data)
