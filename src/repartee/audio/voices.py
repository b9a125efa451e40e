"""From a track's packets to mono samples at the rate that recognisers listen at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from repartee.audio.containers.tracks import CodedTrack, PlainTrack, Track, unknown_codec
from repartee.audio.layout import check_channels, check_rate
from repartee.audio.pcm import Samples
from repartee.audio.resample import Resampler

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler

RATE_HZ = 16_000


class Voice(Protocol):
    def decode(self, packet: bytes) -> Iterator[Samples]:
        """The sound of this packet; nothing if it is broken."""

    def finish(self) -> Iterator[Samples]:
        """What was held back."""


def voice_of(track: Track) -> Voice:
    return PlainVoice(track) if isinstance(track, PlainTrack) else CodedVoice(track)


class PlainVoice:
    def __init__(self, track: PlainTrack) -> None:
        self._layout = track.layout
        self._resampler = Resampler(track.layout.rate_hz, RATE_HZ)

    def decode(self, packet: bytes) -> Iterator[Samples]:
        yield self._resampler.push(self._layout.mono(memoryview(packet)))

    def finish(self) -> Iterator[Samples]:
        yield self._resampler.flush()


class CodedVoice:
    def __init__(self, track: CodedTrack) -> None:
        import av

        from repartee.audio.ffmpeg import audio_decoder

        self._av = av
        self._decoder = audio_decoder(track.codec, track.private)
        self._name = track.codec
        self._resampler: AudioResampler | None = None
        self._shape: tuple[object, ...] = ()
        self._lead_in = round(track.lead_in_seconds * RATE_HZ)

    def decode(self, packet: bytes) -> Iterator[Samples]:
        try:
            frames = self._decoder.decode(self._av.Packet(packet))
        except self._av.FFmpegError:
            return  # a broken packet is a gap, not the end
        for frame in frames:
            yield from self._resampled(frame)

    def finish(self) -> Iterator[Samples]:
        yield from self._flushed()

    def _resampled(self, frame: AudioFrame) -> Iterator[Samples]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self._flushed()
            check_channels(frame.layout.nb_channels)
            check_rate(frame.sample_rate)
            self._shape = shape
            self._resampler = self._av.AudioResampler("s16", "mono", RATE_HZ)
        yield from self._through(frame)

    def _flushed(self) -> Iterator[Samples]:
        if self._resampler is not None:
            yield from self._through(None)
            self._resampler = None

    def _through(self, frame: AudioFrame | None) -> Iterator[Samples]:
        assert self._resampler is not None, "sound comes before it is over"
        try:
            resampled = self._resampler.resample(frame)
        except (self._av.FFmpegError, ValueError) as failure:
            raise unknown_codec(self._name) from failure
        for piece in resampled:
            samples: Samples = piece.to_ndarray()[0].astype(np.int16, copy=False)
            unheard = min(self._lead_in, len(samples))
            self._lead_in -= unheard
            yield samples[unheard:]
