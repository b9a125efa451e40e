"""How far a phrase was spoken when its voice broke off."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.chain.spoken_so_far import LETTER_S, SpokenSoFar
from repartee.engines.protocols import Sound, WordTime

RATE = 1_000
TEXT = "Good morning, and thank you for calling."


def sound(seconds: float, *words: WordTime) -> Sound:
    return Sound(np.zeros(round(seconds * RATE), np.int16), RATE, words)


def test_of_a_phrase_that_nobody_began_all_is_left() -> None:
    assert SpokenSoFar(TEXT, 1.0).rest() == TEXT


def test_words_with_times_say_it_exactly() -> None:
    spoken = SpokenSoFar(TEXT, 1.0)
    spoken.take(sound(0.3, WordTime(0, 4, 0)))
    spoken.take(sound(0.3, WordTime(5, 8, 350)))
    assert spoken.rest() == "morning, and thank you for calling."


def test_otherwise_it_is_estimated_to_the_beginning_of_a_word() -> None:
    spoken = SpokenSoFar(TEXT, 1.0)
    spoken.take(sound(LETTER_S * 16))
    assert spoken.rest() == "and thank you for calling."


def test_a_quick_voice_got_further() -> None:
    spoken = SpokenSoFar(TEXT, 2.0)
    spoken.take(sound(LETTER_S * 16))
    assert spoken.rest() == "calling."


def test_what_lasted_long_enough_was_all_said() -> None:
    spoken = SpokenSoFar(TEXT, 1.0)
    spoken.take(sound(60))
    assert spoken.rest() == ""


def test_text_without_spaces_is_cut_where_it_was_left() -> None:
    text = "今" * 40
    spoken = SpokenSoFar(text, 1.0)
    spoken.take(sound(LETTER_S * 10.5))
    assert spoken.rest() == text[10:]


def test_the_next_voices_words_stand_where_they_belong() -> None:
    spoken = SpokenSoFar(TEXT, 1.0)
    spoken.take(sound(0.5, WordTime(0, 4, 0)))
    spoken.take(sound(0.5, WordTime(5, 8, 500)))
    spoken.rest()
    moved = spoken.take(sound(0.5, WordTime(0, 8, 0), WordTime(9, 3, 400)))
    assert moved.words == (WordTime(5, 8, 1_000), WordTime(14, 3, 1_400))


def test_a_third_voice_goes_on_from_the_second() -> None:
    spoken = SpokenSoFar(TEXT, 1.0)
    spoken.take(sound(LETTER_S * 6))
    assert spoken.rest().startswith("morning,")
    spoken.take(sound(LETTER_S * 11))
    assert spoken.rest().startswith("and thank")


@given(st.text(max_size=80), st.lists(st.floats(0, 3), max_size=4), st.floats(0.25, 4))
def test_what_is_left_is_always_an_end_of_the_text(
    text: str, seconds: list[float], speed: float
) -> None:
    spoken, before = SpokenSoFar(text, speed), text
    for one in seconds:
        spoken.take(sound(one))
        rest = spoken.rest()
        assert before.endswith(rest), "what was said is not said again from its beginning"
        before = rest
