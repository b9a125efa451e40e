import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repartee.listening.preroll import PreRoll


def samples(*values: int) -> np.ndarray:
    return np.array(values, np.int16)


def ring(size: int) -> PreRoll:
    return PreRoll(size, rate_hz=1000)


def test_it_keeps_what_was_pushed() -> None:
    preroll = ring(5)
    preroll.push(samples(1, 2))
    preroll.push(samples(3))
    assert preroll.take().tolist() == [1, 2, 3]


def test_it_forgets_the_oldest_first() -> None:
    preroll = ring(4)
    preroll.push(samples(1, 2, 3))
    preroll.push(samples(4, 5, 6))
    assert preroll.take().tolist() == [3, 4, 5, 6]


def test_what_was_taken_is_gone_and_stays_as_it_was() -> None:
    preroll = ring(3)
    preroll.push(samples(1, 2))
    taken = preroll.take()
    preroll.push(samples(7, 8, 9))
    assert taken.tolist() == [1, 2]
    assert preroll.take().tolist() == [7, 8, 9]
    assert preroll.take().tolist() == []


def test_a_ring_of_no_length_keeps_nothing() -> None:
    preroll = ring(0)
    preroll.push(samples(1))
    assert preroll.take().tolist() == []


def test_it_holds_300_ms_unless_told_otherwise() -> None:
    preroll = PreRoll()
    preroll.push(np.ones(16_000, np.int16))
    assert len(preroll) == 4_800


@given(st.integers(1, 12), st.lists(st.lists(st.integers(0, 99), max_size=20), max_size=12))
def test_it_is_always_the_newest_samples_in_order(size: int, pushes: list[list[int]]) -> None:
    preroll = ring(size)
    for push in pushes:
        preroll.push(samples(*push))
    everything = [value for push in pushes for value in push]
    assert len(preroll) == min(size, len(everything))
    assert preroll.take().tolist() == everything[-size:]
