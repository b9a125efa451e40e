"""What a file is, by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.audio.sniff import ENOUGH_BYTES, Kind, begins_recording, sniff
from repartee.errors import BadAudio
from tests.audio.encoded import RECIPES, encoded
from tests.recordings.browser import NAMES, blobs

KINDS = {
    "webm": Kind.WEBM,
    "matroska": Kind.WEBM,
    "ogg": Kind.OGG,
    "mp4": Kind.MP4,
    "mov": Kind.MP4,
    "mp3": Kind.MP3,
    "aac": Kind.AAC,
    "flac": Kind.FLAC,
    "wav": Kind.WAV,
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_few_bytes_of_a_recording_are_enough(recipe: str) -> None:
    assert sniff(encoded(recipe, ms=100)[:ENOUGH_BYTES]) is KINDS[recipe.split(",")[0]]


@pytest.mark.parametrize("name", NAMES)
def test_browsers_recordings_are_recognised(name: str) -> None:
    assert sniff(blobs(name)[0]) is KINDS[name.rpartition(".")[2]]


def test_an_mp3_may_begin_with_its_titles_or_without() -> None:
    assert sniff(b"ID3\x04\0\0\0\0\0\x23") is Kind.MP3
    assert sniff(b"\xff\xfb\x94\x64") is Kind.MP3


@pytest.mark.parametrize(
    ("first_bytes", "said"),
    [
        (b"", "The recording is empty"),
        (b"\x89PNG\r\n\x1a\n", "This is a PNG picture, not a sound recording"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a JPEG picture"),
        (b"GIF89a", "This is a GIF picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "This is a WebP picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "This is a HEIC or AVIF picture"),
        (b"RIFF\0\0\0\0AVI LIST", "This is an AVI video, which can't be decoded"),
        (b"%PDF-1.7", "This is a PDF document"),
        (b"PK\x03\x04", "This is a ZIP archive"),
        (b'  {"audio": 1}', "This is JSON text"),
        (b"[1, 2]", "This is JSON text"),
        (b"\n<!DOCTYPE html>", "This is a web page"),
        (b"\xef\xbb\xbf<html>", "This is a web page"),
        (b"#!AMR\n", "This is an AMR recording, which can't be decoded"),
        (b"hello, how are you", "This is not a recording that can be decoded"),
        (b"\xff\xff\xff\xff", "This is not a recording that can be decoded"),
        (bytes(16), "This is not a recording that can be decoded"),
    ],
)
def test_anything_else_is_called_by_its_name(first_bytes: bytes, said: str) -> None:
    with pytest.raises(BadAudio, match=said):
        sniff(first_bytes)


@given(st.binary(max_size=ENOUGH_BYTES))
def test_any_bytes_are_recognised_or_refused(first_bytes: bytes) -> None:
    try:
        known = sniff(first_bytes) in Kind
    except BadAudio as refusal:
        known = refusal.sentence.startswith(("This is", "The recording is empty"))
    assert known


@pytest.mark.parametrize("name", NAMES)
def test_the_first_blob_of_a_recording_is_told_from_the_others(name: str) -> None:
    first, *others = (blob for blob in blobs(name) if blob)
    assert begins_recording(first)
    assert not any(begins_recording(blob) for blob in others)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recording_begins_with_its_beginning(recipe: str) -> None:
    assert begins_recording(encoded(recipe, ms=100))


def test_of_a_few_bytes_nothing_can_be_told() -> None:
    assert begins_recording(b"\x1a")
    assert not begins_recording(bytes(ENOUGH_BYTES))
