"""Raw sound between bytes and samples."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.audio.pcm import PcmReader, pcm_bytes, samples_from_float, whole_samples


def test_samples_are_little_endian() -> None:
    assert pcm_bytes(np.array([1, -2], np.int16)) == b"\x01\x00\xfe\xff"
    assert whole_samples(b"\x01\x00\xfe\xff").tolist() == [1, -2]


@pytest.mark.parametrize("data", [b"", b"\x07"])
def test_less_than_a_sample_is_none(data: bytes) -> None:
    assert whole_samples(data).tolist() == []


def test_half_a_sample_at_the_end_is_left_out() -> None:
    assert whole_samples(b"\x01\x00\x02").tolist() == [1]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_a_stream_may_be_cut_anywhere(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    reader = PcmReader()
    pieces = [reader.take(data[start:end]) for start, end in pairwise(places)]
    assert np.concatenate(pieces).tolist() == whole_samples(data).tolist()


def test_floats_are_scaled_clipped_and_never_undefined() -> None:
    floats = np.array([0, 0.5, 1, -1, 7, -1e38, np.inf, -np.inf, np.nan], np.float32)
    expected = [0, 16384, 32767, -32768, 32767, -32768, 32767, -32768, 0]
    assert samples_from_float(floats).tolist() == expected
