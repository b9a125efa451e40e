"""What every container is asked: which sound track it holds, and its packets one by one.

A demuxer takes the bytes of a recording in pieces that may be cut anywhere, and gives out each
packet of the first sound track as soon as its last byte is there. Everything else in the
container, such as pictures and titles, is passed over. A step that found no sound gives an empty
packet: whoever takes them can count the steps, and stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from repartee.audio.layout import PcmLayout
from repartee.errors import BadAudio


class CodedTrack(msgspec.Struct, frozen=True):
    """Sound in compressed packets."""

    codec: str
    """The decoder that understands them, by FFmpeg's name."""
    private: bytes = b""
    """What that decoder has to know before the first packet."""
    lead_in_seconds: float = 0.0
    """How much at the beginning the container says is not to be heard."""


class PlainTrack(msgspec.Struct, frozen=True):
    """Sound that needs no decoder: its packets are samples."""

    layout: PcmLayout


Track = CodedTrack | PlainTrack


class Demuxer(Protocol):
    @property
    def track(self) -> Track | None:
        """Known before the first packet comes."""

    @property
    def ended(self) -> bool:
        """The container has said that it is complete. Many never say so."""

    def push(self, piece: bytes) -> Iterator[bytes]:
        """The packets that this piece completes; all of them have to be taken."""

    def finish(self) -> Iterator[bytes]:
        """The packets that could not be told to be complete before the end was known."""


def no_sound_track() -> BadAudio:
    return BadAudio("The recording has no sound track. Please record with a microphone.")


def encrypted() -> BadAudio:
    return BadAudio("The recording is protected or encrypted. Please send one that is not.")


def unknown_codec(name: str) -> BadAudio:
    return BadAudio(
        f"The recording's sound is of a kind that can't be decoded ({name})."
        " Please send Opus, AAC, MP3, FLAC or WAV."
    )


def printable(name: bytes) -> str:
    """A short name out of a container, fit for a sentence."""
    text = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in name[:32]).strip()
    return text or "unnamed"


def opus_head(channels: int, pre_skip: int, gain: bytes, mapping: bytes) -> bytes:
    """The head that an Opus decoder wants to see, as it stands in Ogg and WebM."""
    rate = (48_000).to_bytes(4, "little")
    skip = pre_skip.to_bytes(2, "little")
    return b"OpusHead\x01" + bytes([channels]) + skip + rate + gain + mapping
