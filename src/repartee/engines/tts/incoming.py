"""Sound out of the bytes of an answer: raw samples, or a WAV file, which says so itself."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np

from repartee.audio.containers.riff import RiffDemuxer
from repartee.audio.layout import check_rate
from repartee.audio.pcm import PcmReader, Samples
from repartee.engines.protocols import Sound
from repartee.engines.remote.address import Address
from repartee.engines.remote.service import Answer
from repartee.engines.remote.trouble import nonsense
from repartee.errors import BadAudio, EngineNonsense

_RAW = re.compile(r"(audio/(pcm|l16|raw|wav|wave|x-wav|vnd\.wave)|.*/octet-stream)?(;.*)?")
_RATE = re.compile(r";\s*rate=(\d{4,6})\b")
_RIFF = b"RIFF"


async def incoming_sound(answer: Answer, rate_hz: int) -> AsyncGenerator[Sound]:
    """The sound as it comes; `rate_hz` is that of raw samples unless the answer names another."""
    if not _RAW.fullmatch(answer.content_type):
        raise nonsense(answer.address)
    named = _RATE.search(answer.content_type)
    reader = SoundReader(int(named[1]) if named else rate_hz)
    heard = False
    async with aclosing(answer.pieces()) as pieces:
        async for piece in pieces:
            try:
                samples = reader.take(piece)
                check_rate(reader.rate_hz)
            except BadAudio:
                raise nonsense(answer.address) from None
            if len(samples):
                heard = True
                yield Sound(samples, reader.rate_hz)
    if not heard:
        raise no_sound(answer.address)


def no_sound(address: Address) -> EngineNonsense:
    return EngineNonsense(f"{address.name} answered, but sent no sound.")


class SoundReader:
    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._beginning = b""
        self._wav: RiffDemuxer | None = None
        self._raw: PcmReader | None = None

    def take(self, piece: bytes) -> Samples:
        """The samples that these bytes complete."""
        if self._wav is None and self._raw is None:
            self._beginning += piece
            if len(self._beginning) < len(_RIFF):
                return np.zeros(0, np.int16)
            piece = self._beginning
            if piece.startswith(_RIFF):
                self._wav = RiffDemuxer()
            else:
                self._raw = PcmReader()
        if self._raw is not None:
            return self._raw.take(piece)
        assert self._wav is not None, "it is one or the other"
        return self._from_wav(self._wav, piece)

    def _from_wav(self, wav: RiffDemuxer, piece: bytes) -> Samples:
        packets = list(wav.push(piece))
        if wav.track is None or not packets:
            return np.zeros(0, np.int16)
        layout = wav.track.layout
        self.rate_hz = layout.rate_hz
        return np.concatenate([layout.mono(memoryview(packet)) for packet in packets])
