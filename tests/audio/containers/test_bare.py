"""MP3, AAC and FLAC files, which are packets and little else."""

import pytest

from repartee.audio.containers.bare import BareDemuxer
from repartee.audio.containers.tracks import CodedTrack
from repartee.audio.decoding import decode
from tests.audio.containers.pieces import packets_of
from tests.audio.encoded import encoded

PICTURE = bytes(3_000)
TITLES = b"ID3\x04\0\0" + bytes([0, 0, len(PICTURE) >> 7, len(PICTURE) & 0x7F]) + PICTURE
CODECS = {"mp3": "mp3float", "aac": "aac", "flac": "flac"}


def without_titles(file: bytes) -> bytes:
    return file[10 + file[9] :] if file.startswith(b"ID3") else file


@pytest.mark.parametrize("recipe", CODECS)
@pytest.mark.parametrize("step", [None, 1, 7])
def test_titles_before_the_sound_are_passed_over(recipe: str, step: int | None) -> None:
    file = without_titles(encoded(recipe, ms=100))
    demuxer = BareDemuxer()
    found = packets_of(demuxer, TITLES + TITLES + file, step)
    assert found == packets_of(BareDemuxer(), file)
    assert demuxer.track is not None
    assert demuxer.track.codec == CODECS[recipe]


def test_a_flac_file_tells_its_decoder_about_the_stream() -> None:
    file = encoded("flac", ms=100)
    demuxer = BareDemuxer()
    packets_of(demuxer, file)
    assert demuxer.track == CodedTrack("flac", file[8:42])


def test_a_flac_file_may_have_a_picture_in_it() -> None:
    file = encoded("flac", ms=100)
    picture = b"\x06" + len(PICTURE).to_bytes(3) + PICTURE
    assert packets_of(BareDemuxer(), file[:42] + picture + file[42:]) == packets_of(
        BareDemuxer(), file
    )


def test_the_index_of_an_mp3_is_no_sound() -> None:
    file = without_titles(encoded("mp3", ms=100))
    index = file.index(b"Info")
    assert index < 64
    assert not any(b"Info" in packet[:64] for packet in packets_of(BareDemuxer(), file))


def test_an_mp3_that_was_cut_out_of_a_longer_one_is_heard() -> None:
    file = without_titles(encoded("mp3"))
    begin = file.index(b"\xff\xfb", len(file) // 2)
    assert decode(file[begin:]).seconds > 0.4
