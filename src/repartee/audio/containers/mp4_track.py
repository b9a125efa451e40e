"""How the sound of an MP4 file is to be decoded."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.audio.containers.boxes import Fields, children, find, version_of
from repartee.audio.containers.tracks import (
    CodedTrack,
    encrypted,
    opus_head,
    printable,
    unknown_codec,
)

_ENTRIES_AT = 8
_FIRST_CHILD_AT = {0: 28, 1: 44, 2: 64}
"""After the fixed part of a description, which grew twice in QuickTime's days."""

_ES, _DECODER, _DECODER_INFO = 3, 4, 5
_MPEG_AUDIO = (0x69, 0x6B)
_ES_FIXED, _DECODER_FIXED = 3, 13
_DEPENDS, _HAS_ADDRESS, _HAS_CLOCK = 0x80, 0x40, 0x20


def sound_track(trak: memoryview) -> CodedTrack:
    descriptions = find(trak, b"mdia", b"minf", b"stbl", b"stsd")
    name, entry = next(children(descriptions[_ENTRIES_AT:]), (b"", descriptions[:0]))
    first_child = _FIRST_CHILD_AT.get(Fields(entry, 8).next(2), _FIRST_CHILD_AT[0])
    inside = entry[first_child:]
    wave = find(inside, b"wave")  # where QuickTime puts them
    codec, private = _codec(name, wave if len(wave) else inside)
    # An Opus decoder leaves out its own lead-in, of which its head tells it.
    return CodedTrack(codec, private, 0.0 if codec == "opus" else _lead_in_seconds(trak))


def _codec(name: bytes, inside: memoryview) -> tuple[str, bytes]:
    if name == b"mp4a":
        return _mpeg4_codec(find(inside, b"esds"))
    if name == b"Opus":
        return "opus", _opus_head(find(inside, b"dOps"))
    if name == b"fLaC":
        return "flac", bytes(find(inside, b"dfLa")[8:42])
    if name == b"alac":
        cookie = bytes(find(inside, b"alac"))
        return "alac", (8 + len(cookie)).to_bytes(4) + b"alac" + cookie
    if name == b".mp3":
        return "mp3float", b""
    raise encrypted() if name == b"enca" else unknown_codec(printable(name))


def _mpeg4_codec(esds: memoryview) -> tuple[str, bytes]:
    """AAC, or rarely MP3: descriptors within descriptors say which."""
    stream = dict(_descriptors(esds[4:])).get(_ES, esds[:0])
    flags = stream[2] if len(stream) >= _ES_FIXED else 0
    at = _ES_FIXED + 2 * bool(flags & _DEPENDS)
    if flags & _HAS_ADDRESS and at < len(stream):
        at += 1 + stream[at]
    at += 2 * bool(flags & _HAS_CLOCK)
    decoder = dict(_descriptors(stream[at:])).get(_DECODER, esds[:0])
    info = dict(_descriptors(decoder[_DECODER_FIXED:])).get(_DECODER_INFO, esds[:0])
    is_mpeg_audio = len(decoder) > 0 and decoder[0] in _MPEG_AUDIO
    return ("mp3float", b"") if is_mpeg_audio else ("aac", bytes(info))


def _descriptors(body: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Each has a tag, and a size in groups of seven bits."""
    at = 0
    while at < len(body):
        tag, size = body[at], 0
        at += 1
        while at < len(body):
            size = size << 7 | body[at] & 0x7F
            at += 1
            if not body[at - 1] & 0x80:
                break
        yield tag, body[at : at + size]
        at += size


def _opus_head(dops: memoryview) -> bytes:
    """The same facts as in Ogg, but with the most significant byte first."""
    fields = Fields(dops, 1)
    channels, pre_skip = fields.next(1), fields.next(2)
    fields.next(4)  # the rate before it was encoded
    gain = fields.next(2)
    return opus_head(channels, pre_skip, gain.to_bytes(2, "little"), bytes(dops[10:]) or b"\0")


def _lead_in_seconds(trak: memoryview) -> float:
    """Where the first edit begins: what an encoder had to put before the sound."""
    edits = find(trak, b"edts", b"elst")
    wide = version_of(edits) == 1
    size = 8 if wide else 4
    fields = Fields(edits)
    count, _, begins = fields.next(), fields.next(size), fields.next(size)
    header = find(trak, b"mdia", b"mdhd")
    scale = Fields(header, 20 if version_of(header) == 1 else 12).next()
    nothing = begins >> (8 * size - 1)  # an edit that begins before 0 is a pause
    return begins / scale if count and scale and not nothing else 0.0
