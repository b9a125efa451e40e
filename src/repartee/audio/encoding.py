"""Speech as a file in one of the usual formats, written while it is still being spoken.

An encoder takes samples and gives out the bytes that are ready; put together they are the file.
None of them needs to go back to its beginning, so a player can begin before the end is known.
Encoders work in the caller's thread, and MP3, Opus, AAC and FLAC take a few milliseconds for each
second of speech: not something for the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from repartee.audio.pcm import Samples, pcm_bytes
from repartee.audio.wav import wav_header

if TYPE_CHECKING:
    from av import AudioFrame


class Encoder(Protocol):
    def push(self, samples: Samples) -> bytes:
        """What of the file is ready now."""

    def finish(self) -> bytes:
        """The rest of it."""


class Format(msgspec.Struct, frozen=True):
    name: str
    content_type: str
    extension: str
    encoder: Callable[[int], Encoder]
    """Makes one for mono sound of this rate."""


class PcmEncoder:
    """Samples as they are, after a header if there is one."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def push(self, samples: Samples) -> bytes:
        header, self._header = self._header, b""
        return header + pcm_bytes(samples)

    def finish(self) -> bytes:
        return self._header


class _Written:
    """A file that can only be written, and whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._bytes)
        self._bytes.clear()
        return data


class CodecEncoder:
    """FFmpeg's encoders; nothing that comes from outside is ever read by it."""

    def __init__(
        self, rate_hz: int, container: str, codec: str, bit_rate: int, options: dict[str, str]
    ) -> None:
        import av

        self._file = _Written()
        self._output = av.open(self._file, "w", format=container, options=options)
        stream = self._output.add_stream(codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream), codec
        stream.bit_rate = bit_rate
        self._stream = stream
        self._output.start_encoding()
        coder = stream.codec_context
        # The encoder wants its sound in frames of one size, in a format of its own.
        self._frames = av.AudioResampler(
            coder.format, "mono", rate_hz, frame_size=coder.frame_size or 1_024
        )
        self._new_frame = av.AudioFrame.from_ndarray
        self._rate_hz = rate_hz
        self._at = 0

    def push(self, samples: Samples) -> bytes:
        if len(samples):
            frame = self._new_frame(samples.reshape(1, -1), format="s16", layout="mono")
            frame.rate = self._rate_hz
            frame.pts = self._at
            self._at += len(samples)
            self._write(frame)
        return self._file.taken()

    def finish(self) -> bytes:
        self._write(None)
        # FLAC's last packet holds no sound, which no container takes.
        self._output.mux([packet for packet in self._stream.encode(None) if packet.size])
        self._output.close()
        return self._file.taken()

    def _write(self, frame: AudioFrame | None) -> None:
        for whole in self._frames.resample(frame):
            self._output.mux(self._stream.encode(whole))


def _wav(rate_hz: int) -> Encoder:
    return PcmEncoder(wav_header(rate_hz))


def _pcm(rate_hz: int) -> Encoder:
    return PcmEncoder()


def _mp3(rate_hz: int) -> Encoder:
    # The usual first frame tells the length of the file, which is not known yet.
    options = {"write_xing": "0", "id3v2_version": "0"}
    return CodecEncoder(rate_hz, "mp3", "libmp3lame", 64_000, options)


def _opus(rate_hz: int) -> Encoder:
    # A page every tenth of a second: by default the first second would be held back.
    return CodecEncoder(rate_hz, "ogg", "libopus", 32_000, {"page_duration": "100000"})


def _aac(rate_hz: int) -> Encoder:
    return CodecEncoder(rate_hz, "adts", "aac", 64_000, {})


def _flac(rate_hz: int) -> Encoder:
    return CodecEncoder(rate_hz, "flac", "flac", 0, {})


FORMATS = {
    one.name: one
    for one in (
        Format("wav", "audio/wav", "wav", _wav),
        Format("mp3", "audio/mpeg", "mp3", _mp3),
        Format("opus", "audio/ogg", "ogg", _opus),
        Format("aac", "audio/aac", "aac", _aac),
        Format("flac", "audio/flac", "flac", _flac),
        Format("pcm", "audio/pcm;rate=24000", "pcm", _pcm),
    )
}
