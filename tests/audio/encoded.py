"""Recordings in every container, encoded anew from plain samples."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import av
import numpy as np

from repartee.audio.pcm import Samples
from tests.recordings import recording

RATE_HZ = 16_000
SPEECH: Samples = recording("q1_weather.wav")[RATE_HZ : 2 * RATE_HZ]
"""One second in the middle of a question."""

LIVE_WEBM = {"live": "1", "cluster_time_limit": "300"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "250000"}
TABLES_FIRST = {"movflags": "faststart"}

RECIPES: dict[str, tuple[str, str, dict[str, str]]] = {
    "webm, live": ("webm", "libopus", LIVE_WEBM),
    "webm, a file": ("webm", "libopus", {}),
    "webm, Vorbis": ("webm", "vorbis", {}),
    "matroska, FLAC": ("matroska", "flac", {}),
    "matroska, PCM": ("matroska", "pcm_s16le", {}),
    "matroska, float PCM": ("matroska", "pcm_f32le", {}),
    "matroska, AAC": ("matroska", "aac", {}),
    "matroska, MP3": ("matroska", "libmp3lame", {}),
    "ogg, Opus": ("ogg", "libopus", {"page_duration": "20000"}),
    "ogg, Vorbis": ("ogg", "vorbis", {}),
    "ogg, FLAC": ("ogg", "flac", {}),
    "mp4, AAC": ("mp4", "aac", {}),
    "mp4, AAC in fragments": ("mp4", "aac", FRAGMENTS),
    "mp4, Opus": ("mp4", "libopus", {}),
    "mp4, FLAC in fragments": ("mp4", "flac", FRAGMENTS),
    "mp4, ALAC": ("ipod", "alac", {}),
    "mp4, MP3": ("mp4", "libmp3lame", {}),
    "mov, AAC": ("mov", "aac", {}),
    "mp3": ("mp3", "libmp3lame", {}),
    "aac": ("adts", "aac", {}),
    "flac": ("flac", "flac", {}),
    "wav": ("wav", "pcm_s16le", {}),
    "wav, 24 bit": ("wav", "pcm_s24le", {}),
    "wav, float": ("wav", "pcm_f32le", {}),
}

STREAMED = [name for name in RECIPES if name.startswith(("webm", "matroska", "ogg", "wav"))]
"""Those whose sound comes out while it goes in, at the pace at which it goes in."""


@cache
def encoded(
    recipe: str, *, rate_hz: int = 48_000, layout: str = "stereo", ms: int = 1_000
) -> bytes:
    """The beginning of `SPEECH` by one of the recipes."""
    container, codec, options = RECIPES[recipe]
    return encode(SPEECH[: ms * RATE_HZ // 1000], container, codec, options, rate_hz, layout)


def encode(
    samples: Samples,
    container: str,
    codec: str,
    options: dict[str, str],
    rate_hz: int = 48_000,
    layout: str = "stereo",
) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options) as output:
        experimental = {"strict": "experimental"}
        stream: Any = output.add_stream(codec, rate_hz, options=experimental, layout=layout)
        output.start_encoding()
        coder = stream.codec_context
        size = coder.frame_size or 960
        resampler = av.AudioResampler(coder.format, layout, rate_hz, frame_size=size)
        whole = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        whole.rate = RATE_HZ
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            output.mux(stream.encode(frame))
        # FLAC's last packet holds no sound, which no container takes.
        output.mux([packet for packet in stream.encode(None) if packet.size])
    return file.getvalue()


def likeness(heard: Samples, meant: Samples) -> float:
    """How well the one follows the other when they are laid upon each other: 1 is perfectly."""
    size = 1 << (len(heard) + len(meant)).bit_length()
    spectra = [np.fft.rfft(one.astype(np.float64), size) for one in (heard, meant)]
    together = np.fft.irfft(spectra[0] * np.conj(spectra[1]), size)
    shift = int(together.argmax())
    shift -= size if shift > size // 2 else 0
    first, second = heard[max(0, shift) :], meant[max(0, -shift) :]
    length = min(len(first), len(second))
    matrix = np.corrcoef(first[:length], second[:length])
    return float(matrix[0, 1])
