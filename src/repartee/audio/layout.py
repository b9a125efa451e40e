"""How plain, uncompressed samples lie in bytes, and how they become 16 bit mono.

What says so is somebody else's header, so nothing of it is believed before it is checked.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from repartee.audio.pcm import Samples, samples_from_float, whole_samples
from repartee.errors import BadAudio

LOWEST_RATE_HZ = 4_000
HIGHEST_RATE_HZ = 384_000
MOST_CHANNELS = 8

INTEGER, FLOAT = 1, 3
"""The two kinds of plain samples, by the numbers that WAV files give them."""


class PcmLayout(msgspec.Struct, frozen=True):
    """One way in which samples lie in bytes; `pcm_layout` makes it."""

    rate_hz: int
    channels: int
    decode: Callable[[memoryview], Samples]
    frame_bytes: int
    """The bytes of one moment: a sample of every channel."""

    def mono(self, body: memoryview) -> Samples:
        """One channel out of all: their average. A frame cut off at the end is left out."""
        whole = body[: len(body) - len(body) % self.frame_bytes]
        samples = self.decode(whole)
        if self.channels == 1:
            return samples
        together: npt.NDArray[np.float32] = samples.reshape(-1, self.channels).mean(
            axis=1, dtype=np.float32
        )
        return np.rint(together).astype(np.int16)


def pcm_layout(code: int, bits: int, channels: int, rate_hz: int) -> PcmLayout:
    """This layout; `BadAudio` says why it can't be."""
    decode = _DECODERS.get((code, bits))
    if decode is None:
        raise BadAudio(
            f"This kind of uncompressed sound (format {code}, {bits} bit) can't be read."
            " Please send 16 bit PCM, or 8, 24 or 32 bit, or 32 bit float."
        )
    check_channels(channels)
    check_rate(rate_hz)
    return PcmLayout(rate_hz, channels, decode, channels * bits // 8)


def check_channels(channels: int) -> None:
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadAudio(f"The recording has {channels} channels. Please send mono or stereo.")


def check_rate(rate_hz: int) -> None:
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise BadAudio(
            f"The recording claims a rate of {rate_hz} Hz."
            f" Rates from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz can be used."
        )


def _from_8_bit(body: memoryview) -> Samples:
    # The only unsigned one: silence is 128.
    return (np.frombuffer(body, np.uint8).astype(np.int16) - 128) << 8


def _from_24_bit(body: memoryview) -> Samples:
    upper: npt.NDArray[np.uint8] = np.frombuffer(body, np.uint8).reshape(-1, 3)[:, 1:]
    return whole_samples(upper.tobytes())


def _from_32_bit(body: memoryview) -> Samples:
    return (np.frombuffer(body, "<i4") >> 16).astype(np.int16)


def _from_float(body: memoryview) -> Samples:
    return samples_from_float(np.frombuffer(body, "<f4"))


_DECODERS: dict[tuple[int, int], Callable[[memoryview], Samples]] = {
    (INTEGER, 8): _from_8_bit,
    (INTEGER, 16): whole_samples,
    (INTEGER, 24): _from_24_bit,
    (INTEGER, 32): _from_32_bit,
    (FLOAT, 32): _from_float,
}
