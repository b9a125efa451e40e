"""WAV files: written complete with their header, and read whole.

What is read is hostile, and is judged where its parts are told apart: `containers/riff.py`. What
is given out is 16 bit mono at the file's own rate.
"""

from __future__ import annotations

import struct

import msgspec
import numpy as np

from repartee.audio.containers.riff import UNKNOWN_SIZE, RiffDemuxer, is_wav
from repartee.audio.layout import INTEGER
from repartee.audio.pcm import SAMPLE_BYTES, Samples, pcm_bytes
from repartee.errors import BadAudio

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class Recording(msgspec.Struct, frozen=True):
    samples: Samples
    rate_hz: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


def wav_bytes(samples: Samples, rate_hz: int) -> bytes:
    """A complete WAV file."""
    data = pcm_bytes(samples)
    return wav_header(rate_hz, len(data)) + data


def wav_header(rate_hz: int, data_bytes: int | None = None) -> bytes:
    """The header of a mono file; without a length, of a stream that ends when it ends."""
    rest = UNKNOWN_SIZE if data_bytes is None else data_bytes
    whole = UNKNOWN_SIZE if data_bytes is None else data_bytes + _HEADER.size - 8
    kind = (16, INTEGER, 1, rate_hz, rate_hz * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return _HEADER.pack(b"RIFF", whole, b"WAVE", b"fmt ", *kind, b"data", rest)


def read_wav(data: bytes) -> Recording:
    """The sound of a WAV file; `BadAudio` says what is wrong with one that can't be read."""
    if not is_wav(data):
        raise BadAudio("This is not a WAV file. Please send WAV, or another common audio format.")
    demuxer = RiffDemuxer()
    pieces = list(demuxer.push(data))
    demuxer.finish()
    assert demuxer.track is not None, "a file that can be finished has told its format"
    layout = demuxer.track.layout
    sound = [layout.mono(memoryview(piece)) for piece in pieces]
    return Recording(np.concatenate(sound or [np.zeros(0, np.int16)]), layout.rate_hz)
