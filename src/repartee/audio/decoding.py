"""What clients record, in whatever container it comes, as mono samples at 16 kHz.

A `RecordingDecoder` takes a recording in pieces, cut anywhere, while somebody still speaks, and
gives out the sound of every packet that is complete; `decode` takes one that is all there. Both go
the same way: sniff what it is, take the packets of its first sound track, decode, resample.

A recording that breaks off gives what came before. Pauses that a recorder left out are not filled
in, and up to a packet of padding at the very end, which some containers mark, is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from repartee.audio.containers.bare import BareDemuxer
from repartee.audio.containers.mp4 import Mp4Demuxer
from repartee.audio.containers.ogg import OggDemuxer
from repartee.audio.containers.raw import RawDemuxer
from repartee.audio.containers.riff import RiffDemuxer, is_wav
from repartee.audio.containers.tracks import Demuxer
from repartee.audio.containers.webm import WebmDemuxer
from repartee.audio.layout import PcmLayout
from repartee.audio.pcm import Samples
from repartee.audio.sniff import ENOUGH_BYTES, Kind, sniff
from repartee.audio.voices import RATE_HZ, Voice, voice_of
from repartee.audio.wav import Recording
from repartee.errors import BadAudio

_DEMUXERS: dict[Kind, type[Demuxer]] = {
    Kind.WEBM: WebmDemuxer,
    Kind.OGG: OggDemuxer,
    Kind.MP4: Mp4Demuxer,
    Kind.MP3: BareDemuxer,
    Kind.AAC: BareDemuxer,
    Kind.FLAC: BareDemuxer,
    Kind.WAV: RiffDemuxer,
}


class Limits(msgspec.Struct, frozen=True):
    """How much of one recording is taken. A small file can hold hours of silence."""

    most_bytes: int = 32 << 20
    most_seconds: float = 900.0


_USUAL = Limits()
_MOST_BARREN_STEPS = 200_000
"""Parts of a container without sound in them: pictures of an hour, or a trick to keep us busy."""


class RecordingDecoder:
    """One recording on its way in. It may be used on any thread, by one at a time."""

    def __init__(self, limits: Limits = _USUAL, declared: PcmLayout | None = None) -> None:
        self._limits = limits
        self._declared = declared
        self._first = b""
        self._demuxer: Demuxer | None = None
        self._voice: Voice | None = None
        self._bytes = 0
        self._samples = 0
        self._barren_steps = 0
        self._abandoned = False
        self._failure = ""

    def __repr__(self) -> str:
        what = "nothing yet" if self._demuxer is None else type(self._demuxer).__name__
        return f"<RecordingDecoder {what}, {self.seconds:.2f} s out of {self._bytes} bytes>"

    @property
    def seconds(self) -> float:
        """How much sound has come out so far."""
        return self._samples / RATE_HZ

    @property
    def ended(self) -> bool:
        """The container has said that it is complete. Many live ones never say so."""
        return self._demuxer is not None and self._demuxer.ended

    def push(self, piece: bytes) -> Samples:
        """The sound that can be heard now that this piece has come."""
        return self._collected(self._push(piece))

    def finish(self) -> Samples:
        """The rest, when nothing more will come; `BadAudio` if there was no sound at all."""
        return self._collected(self._finish())

    def all_of(self, data: bytes) -> Recording:
        """The sound of a recording that is all there, in place of `push` and `finish`."""
        return Recording(np.concatenate([self.push(data), self.finish()]), RATE_HZ)

    def abandon(self) -> None:
        """Nobody wants it any more: whatever is under way stops at the next packet."""
        self._abandoned = True

    def _collected(self, sound: Iterable[Samples]) -> Samples:
        """All of it in one piece, as far as it is allowed. After a failure, only that failure."""
        if self._failure:
            raise BadAudio(self._failure)
        pieces = [np.zeros(0, np.int16)]
        if self._abandoned:
            return pieces[0]
        try:
            for samples in sound:
                self._samples += len(samples)
                if self.seconds > self._limits.most_seconds:
                    raise _too_long(self._limits.most_seconds)
                pieces.append(samples)
        except BadAudio as failure:
            self._failure = failure.sentence  # itself it would keep all the bytes alive
            raise
        return np.concatenate(pieces)

    def _push(self, piece: bytes) -> Iterator[Samples]:
        self._bytes += len(piece)
        if self._bytes > self._limits.most_bytes:
            raise _too_big(self._limits.most_bytes)
        if self._demuxer is None:
            self._first += piece
            if len(self._first) < ENOUGH_BYTES:
                return
            piece = self._first
            self._demuxer = self._chosen()
        yield from self._decoded(self._demuxer, self._demuxer.push(piece))

    def _finish(self) -> Iterator[Samples]:
        if self._demuxer is None:
            self._demuxer = self._chosen()
            yield from self._decoded(self._demuxer, self._demuxer.push(self._first))
        yield from self._decoded(self._demuxer, self._demuxer.finish())
        if self._voice is not None:
            yield from self._voice.finish()
        if not self._samples and not self._abandoned:
            raise BadAudio("There is no sound in the recording. Please record again.")

    def _chosen(self) -> Demuxer:
        if self._declared is not None and not is_wav(self._first):
            return RawDemuxer(self._declared)
        return _DEMUXERS[sniff(self._first)]()

    def _decoded(self, demuxer: Demuxer, packets: Iterator[bytes]) -> Iterator[Samples]:
        for packet in packets:
            before = self._samples
            if self._voice is None and demuxer.track is not None:
                self._voice = voice_of(demuxer.track)
            if self._voice is not None and packet:
                yield from self._voice.decode(packet)
            self._barren_steps += self._samples == before
            if self._barren_steps > _MOST_BARREN_STEPS:
                raise BadAudio("There is hardly any sound in the recording. Please record again.")
            if self._abandoned:
                return


def decode(data: bytes, limits: Limits = _USUAL, declared: PcmLayout | None = None) -> Recording:
    """The sound of a complete recording; `BadAudio` says what is wrong with one that has none."""
    return RecordingDecoder(limits, declared).all_of(data)


def _too_big(most_bytes: int) -> BadAudio:
    return BadAudio(f"The recording is larger than {most_bytes >> 20} MB. Please send less.")


def _too_long(most_seconds: float) -> BadAudio:
    return BadAudio(f"The recording is longer than {most_seconds:g} seconds. Please send less.")
