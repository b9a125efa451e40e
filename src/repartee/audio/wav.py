"""WAV files: written complete with their header, and read from whoever sends them.

What is read is hostile: sizes in it may lie, so nothing is allocated that the bytes at hand don't
justify. What is given out is 16 bit mono at the file's own rate.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from repartee.audio.pcm import SAMPLE_BYTES, Samples, pcm_bytes, samples_from_float, whole_samples
from repartee.errors import BadAudio

LOWEST_RATE_HZ = 4_000
HIGHEST_RATE_HZ = 384_000
MOST_CHANNELS = 8
_MOST_CHUNKS = 1_000
_UNKNOWN_SIZE = 0xFFFF_FFFF

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = struct.Struct("<HHIIHH")
_INTEGER, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SUBFORMAT_AT = 24


class Recording(msgspec.Struct, frozen=True):
    samples: Samples
    rate_hz: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


# ---------------------------------------------------------------- writing


def wav_bytes(samples: Samples, rate_hz: int) -> bytes:
    """A complete WAV file."""
    data = pcm_bytes(samples)
    return wav_header(rate_hz, len(data)) + data


def wav_header(rate_hz: int, data_bytes: int | None = None) -> bytes:
    """The header of a mono file; without a length, of a stream that ends when it ends."""
    rest = _UNKNOWN_SIZE if data_bytes is None else data_bytes
    whole = _UNKNOWN_SIZE if data_bytes is None else data_bytes + _HEADER.size - 8
    kind = (16, _INTEGER, 1, rate_hz, rate_hz * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return _HEADER.pack(b"RIFF", whole, b"WAVE", b"fmt ", *kind, b"data", rest)


# ---------------------------------------------------------------- reading


def is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def read_wav(data: bytes) -> Recording:
    """The sound of a WAV file; `BadAudio` says what is wrong with one that can't be read."""
    if not is_wav(data):
        raise BadAudio("This is not a WAV file. Please send WAV, or another common audio format.")
    layout: _Layout | None = None
    for name, body in _chunks(data):
        if name == b"fmt ":
            layout = _layout(body)
        elif name == b"data":
            if layout is None:
                raise BadAudio(
                    "The WAV file has its sound before its format. Please export it anew."
                )
            return Recording(layout.mono(body), layout.rate_hz)
    missing = "a format" if layout is None else "sound"
    raise BadAudio(f"The WAV file has no part with {missing} in it. Please export it anew.")


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The named parts of the file; a part that claims to be longer than the file ends with it."""
    view = memoryview(data)
    (whole,) = struct.unpack_from("<I", data, 4)
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        # Who streams a file can't know its length: 0 stands there, and in the file's own size.
        if name == b"data" and size == 0 and whole <= at:
            size = _UNKNOWN_SIZE
        yield name, view[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


class _Layout(msgspec.Struct, frozen=True):
    """How the samples lie in the file, as far as it can be read."""

    rate_hz: int
    channels: int
    decode: Callable[[memoryview], Samples]
    frame_bytes: int

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


def _layout(body: memoryview) -> _Layout:
    if len(body) < _FORMAT.size:
        raise BadAudio("The WAV file's format part is cut short. Please export it anew.")
    code, channels, rate_hz, _, frame_bytes, bits = _FORMAT.unpack_from(body)
    if code == _EXTENSIBLE and len(body) >= _SUBFORMAT_AT + 2:
        (code,) = struct.unpack_from("<H", body, _SUBFORMAT_AT)
    decode = _DECODERS.get((code, bits))
    if decode is None:
        raise BadAudio(
            f"This kind of WAV file (format {code}, {bits} bit) can't be read."
            " Please send 16 bit PCM, or 8, 24 or 32 bit, or 32 bit float."
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadAudio(f"The WAV file has {channels} channels. Please send mono or stereo.")
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise BadAudio(
            f"The WAV file claims a rate of {rate_hz} Hz."
            f" Rates from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz can be used."
        )
    if frame_bytes != channels * bits // 8:
        raise BadAudio("The WAV file's format contradicts itself. Please export it anew.")
    return _Layout(rate_hz, channels, decode, frame_bytes)


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
    (_INTEGER, 8): _from_8_bit,
    (_INTEGER, 16): whole_samples,
    (_INTEGER, 24): _from_24_bit,
    (_INTEGER, 32): _from_32_bit,
    (_FLOAT, 32): _from_float,
}
