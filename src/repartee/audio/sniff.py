"""What a file is, by its first bytes. What somebody calls it does not count."""

from __future__ import annotations

import enum

from repartee.audio.containers.bare import is_adts
from repartee.audio.containers.riff import is_wav
from repartee.errors import BadAudio

ENOUGH_BYTES = 16
"""So many of the first bytes are enough to tell."""


class Kind(enum.Enum):
    WEBM = "WebM"
    OGG = "Ogg"
    MP4 = "MP4"
    MP3 = "MP3"
    AAC = "AAC"
    FLAC = "FLAC"
    WAV = "WAV"


_PLEASE = "Please send WebM, Ogg, MP4, MP3, FLAC or WAV."

_RECORDINGS = {
    b"\x1a\x45\xdf\xa3": Kind.WEBM,
    b"OggS": Kind.OGG,
    b"fLaC": Kind.FLAC,
    b"ID3": Kind.MP3,  # titles and a picture, which may also stand before AAC or FLAC
}
_MP4_BOXES = (b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide")
_MP4_LATER_BOXES = (b"styp", b"moof", b"mdat")
_OGG_FLAGS = 5
_OGG_FIRST_PAGE = 2

_OTHERS = {
    b"\x89PNG": "a PNG picture, not a sound recording",
    b"\xff\xd8\xff": "a JPEG picture, not a sound recording",
    b"GIF8": "a GIF picture, not a sound recording",
    b"%PDF": "a PDF document, not a sound recording",
    b"PK\x03\x04": "a ZIP archive, not a sound recording",
    b"\x1f\x8b": "a compressed archive, not a sound recording",
    b"{": "JSON text, not a sound recording",
    b"[": "JSON text, not a sound recording",
    b"<!doctype": "a web page, not a sound recording",
    b"<html": "a web page, not a sound recording",
    b"<?xml": "XML text, not a sound recording",
    b"#!AMR": "an AMR recording, which can't be decoded",
    b"FORM": "an AIFF recording, which can't be decoded",
    b"\x30\x26\xb2\x75": "a WMA recording, which can't be decoded",
    b"RF64": "a WAV file of the very large kind, which can't be decoded",
}
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
_RIFF_OTHERS = {
    b"WEBP": "a WebP picture, not a sound recording",
    b"AVI ": "an AVI video, which can't be decoded",
}


def sniff(first_bytes: bytes) -> Kind:
    """The kind of this recording; `BadAudio` says what it is if it is none."""
    if not first_bytes:
        raise BadAudio("The recording is empty. Please record again.")
    for mark, kind in _RECORDINGS.items():
        if first_bytes.startswith(mark):
            return kind
    if is_wav(first_bytes):
        return Kind.WAV
    if first_bytes[4:8] in _MP4_BOXES and first_bytes[8:12] not in _PICTURE_BRANDS:
        return Kind.MP4
    if len(first_bytes) >= 4 and is_adts(first_bytes):
        return Kind.AAC
    if _is_mpeg_frame(first_bytes):
        return Kind.MP3
    raise BadAudio(f"This is {_what_else(first_bytes)}. {_PLEASE}")


def begins_recording(first_bytes: bytes) -> bool:
    """Whether it may begin a recording; otherwise it is a later part of one, or nothing known."""
    if len(first_bytes) < ENOUGH_BYTES:
        return True
    try:
        kind = sniff(first_bytes)
    except BadAudio:
        return False
    if kind is Kind.OGG:
        return bool(first_bytes[_OGG_FLAGS] & _OGG_FIRST_PAGE)
    return kind is not Kind.MP4 or first_bytes[4:8] not in _MP4_LATER_BOXES


def _is_mpeg_frame(head: bytes) -> bool:
    """Whether an MP3 packet may begin so: its header has several values that mean nothing."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer != 0 and bit_rate not in (0, 15) and rate != 3


def _what_else(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "a HEIC or AVIF picture, not a sound recording"
    if head[:4] == b"RIFF" and head[8:12] in _RIFF_OTHERS:
        return _RIFF_OTHERS[head[8:12]]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, what in _OTHERS.items():
        if head.startswith(mark) or text.startswith(mark):
            return what
    return "not a recording that can be decoded"
