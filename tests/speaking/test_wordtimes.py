"""When each written word has been heard, from what was spoken."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.speaking.sanitize import sanitize
from repartee.speaking.wordtimes import letters, time_words


class At(NamedTuple):
    offset: int
    length: int
    start_ms: int


def test_without_times_words_share_by_their_letters() -> None:
    assert time_words("ab cd", "ab cd", 1000) == (500, 1000)
    assert time_words("a bcd", "a bcd", 1000) == (250, 1000)
    assert time_words("one, two!", "one, two!", 600) == (300, 600)


def test_a_digit_counts_as_the_word_it_is_said_as() -> None:
    assert letters("7") == letters("four")


def test_a_word_ends_where_the_engine_begins_the_next() -> None:
    times = [At(0, 3, 12), At(4, 3, 300), At(8, 5, 700)]
    assert time_words("one two three", "one two three", 1500, times) == (300, 700, 1500)


def test_missing_words_share_the_gap() -> None:
    assert time_words("a b c d", "a b c d", 1000, [At(0, 1, 0), At(6, 1, 600)]) == (
        200,
        400,
        600,
        1000,
    )


def test_several_events_for_one_word_count_once() -> None:
    times = [At(0, 2, 0), At(3, 4, 200), At(3, 4, 500), At(3, 4, 800), At(8, 2, 1000)]
    assert time_words("in 1984 it", "in 1984 it", 1200, times) == (200, 1000, 1200)


def test_a_word_in_quotes_has_length_zero_and_points_before_itself() -> None:
    times = [At(0, 3, 0), At(3, 0, 400), At(9, 3, 900)]
    assert time_words('say "yes" now', 'say "yes" now', 1200, times) == (400, 900, 1200)


@pytest.mark.parametrize(
    "times",
    [
        [At(-5, 1, 100), At(99, 1, 100)],  # outside the text
        [At(4, 3, -20), At(4, 3, 5000)],  # outside the sound
    ],
)
def test_times_that_cannot_be_right_are_passed_over(times: list[At]) -> None:
    assert time_words("one two", "one two", 1000, times) == (500, 1000)


def test_times_that_run_backward_are_passed_over() -> None:
    times = [At(0, 1, 0), At(2, 1, 600), At(4, 1, 300)]
    assert time_words("a b c", "a b c", 1000, times) == (600, 800, 1000)


def test_an_amount_ends_with_the_words_it_is_said_with() -> None:
    spoken = "It costs 5 dollars today"
    times = [At(0, 2, 0), At(3, 5, 100), At(9, 1, 400), At(11, 7, 600), At(19, 5, 1100)]
    assert time_words("It costs $5 today", spoken, 1500, times) == (100, 400, 1100, 1500)


def test_a_name_spelled_by_letters_takes_the_time_of_them_all() -> None:
    spoken = "The A P I works"
    times = [At(0, 3, 0), At(4, 1, 100), At(6, 1, 300), At(8, 1, 500), At(10, 5, 700)]
    assert time_words("The API works", spoken, 1000, times) == (100, 700, 1000)


def test_words_that_are_not_spoken_end_with_the_word_before_them() -> None:
    assert time_words("one `x = 1` two", "one two", 600) == (300, 300, 300, 300, 600)
    assert time_words("one — two 👍", "one, two", 600) == (300, 300, 600, 600)


def test_unspoken_words_at_the_head_end_with_the_first_that_is() -> None:
    assert time_words("- # one two", "one two", 600) == (300, 300, 300, 600)


def test_nothing_spoken_at_all() -> None:
    assert time_words("`x` ```y```", "", 0) == (0, 0)
    assert time_words("", "", 0) == ()
    assert time_words(" ", "a", 100) == ()


SCRAPS = ["one", "two", "$5", "API", "**bold**", "`x`", "—", "👍", "3.14", "https://a.com", "."]
WRITTEN = st.lists(st.sampled_from(SCRAPS), max_size=12).map(" ".join)
EVENTS = st.lists(
    st.builds(At, st.integers(-5, 90), st.integers(0, 9), st.integers(-100, 4000)), max_size=15
)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(WRITTEN, st.integers(0, 3000), EVENTS)
def test_ends_are_in_order_and_within_the_sound(
    text: str, duration_ms: int, times: list[At]
) -> None:
    ends = time_words(text, sanitize(text), duration_ms, times)
    assert len(ends) == len(text.split())
    assert list(ends) == sorted(ends)
    assert all(0 <= end <= duration_ms for end in ends)
    if ends:
        assert ends[-1] == duration_ms


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.lists(st.text("abc", min_size=1, max_size=6), max_size=10), st.integers(0, 3000), EVENTS)
def test_unrelated_words_do_no_harm(written: list[str], duration_ms: int, times: list[At]) -> None:
    ends = time_words(" ".join(written), "a b ab bca", duration_ms, times)
    assert len(ends) == len(written)
    assert list(ends) == sorted(ends)
