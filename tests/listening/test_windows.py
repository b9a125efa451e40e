import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.listening.windows import Windows


def test_a_window_is_cut_as_soon_as_it_is_full() -> None:
    windows = Windows(4)
    assert windows.cut(np.arange(3, dtype=np.int16)) == []
    assert [w.tolist() for w in windows.cut(np.arange(3, 6, dtype=np.int16))] == [[0, 1, 2, 3]]
    assert windows.position == 6


def test_whole_windows_are_not_copied() -> None:
    chunk = np.arange(1024, dtype=np.int16)
    assert all(np.shares_memory(window, chunk) for window in Windows().cut(chunk))


def test_what_waits_does_not_change_with_the_buffer_it_came_from() -> None:
    windows, chunk = Windows(4), np.array([1, 2, 3], np.int16)
    windows.cut(chunk)
    chunk[:] = 0
    assert windows.cut(np.array([4], np.int16))[0].tolist() == [1, 2, 3, 4]


def test_a_window_has_at_least_one_sample() -> None:
    with pytest.raises(ValueError, match="size"):
        Windows(0)


@given(st.integers(1, 9), st.lists(st.integers(0, 30), max_size=20))
def test_every_sample_comes_out_once_and_in_order(size: int, lengths: list[int]) -> None:
    windows, sound = Windows(size), np.arange(sum(lengths), dtype=np.int16)
    cut: list[list[int]] = []
    at = 0
    for length in lengths:
        cut += [w.tolist() for w in windows.cut(sound[at : at + length])]
        at += length
        assert windows.position == at
    assert all(len(window) == size for window in cut)
    assert [s for w in cut for s in w] == list(range(at - at % size))
