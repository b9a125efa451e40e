"""A track: sound at its time, in a file that can be read at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from repartee.audio.pcm import Samples
from repartee.audio.track import AudioTrack
from repartee.audio.wav import Recording, read_wav

RATE_HZ = 8_000


@pytest.fixture
def file(tmp_path: Path) -> BinaryIO:
    return (tmp_path / "track.wav").open("wb")


def tone(seconds: float, level: int = 1_000) -> Samples:
    return np.full(round(seconds * RATE_HZ), level, np.int16)


def read(file: BinaryIO) -> Recording:
    return read_wav(Path(file.name).read_bytes())


def levels(file: BinaryIO) -> list[int]:
    """The level in the middle of every half second."""
    return [int(level) for level in read(file).samples[RATE_HZ // 4 :: RATE_HZ // 2]]


def test_between_pieces_of_sound_there_is_silence(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        track.add(tone(0.5, 1), at=0.5)
        track.add(tone(0.5, 2), at=2.0)
    track_file = Path(file.name).read_bytes()
    assert len(track_file) == 44 + 2 * round(2.5 * RATE_HZ)


def test_a_flush_leaves_a_whole_file(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        assert (read(file).rate_hz, read(file).seconds) == (RATE_HZ, 0.0)
        for at in (0.5, 2.0):
            track.add(tone(0.5), at)
            track.flush()
            assert read(file).seconds == track.seconds == at + 0.5
        assert levels(file) == [0, 1_000, 0, 0, 1_000]


def test_a_program_that_is_killed_leaves_what_was_flushed(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        track.add(tone(0.5), at=0.0)
        track.flush()
        track.add(tone(0.5), at=0.5)
        file.flush()  # the sound of the next flush is there, its header is not
        assert read(file).seconds == 0.5


def test_sound_that_comes_in_bursts_is_put_together(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        for place, piece in enumerate(np.split(np.arange(RATE_HZ, dtype=np.int16), 20)):
            track.add(piece, at=place // 2 * 0.1)  # two at once, each of 50 ms
        track.flush()
        assert list(read(file).samples) == list(range(RATE_HZ))


def test_a_little_unevenness_makes_no_holes(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        for at in (0.0, 0.09, 0.17, 0.3, 0.37):
            track.add(tone(0.08), at)
        track.flush()
        assert np.all(read(file).samples == 1_000)


def test_what_was_taken_back_is_cut(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ)
        track.add(tone(2.0, 1), at=0.0)
        track.cut(1.0)
        track.cut(5.0)
        track.add(tone(0.5, 2), at=1.5)
        track.flush()
        assert levels(file) == [1, 1, 0, 2]


def test_it_ends_where_it_is_long_enough(file: BinaryIO) -> None:
    with file:
        track = AudioTrack(file, RATE_HZ, most_seconds=1.0)
        track.add(tone(0.75), at=0.0)
        track.add(tone(0.75), at=0.75)
        track.add(tone(0.75), at=9.0)
        track.flush()
        assert read(file).seconds == 1.0
