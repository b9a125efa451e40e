"""Long texts cut into portions, and the speed and the words of what is spoken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.protocols import WordTime
from repartee.engines.tts.captions import Caption, CaptionReader
from repartee.engines.tts.portions import portions
from repartee.engines.tts.tempo import at_speed

RATE_HZ = 24_000


class TestPortions:
    @pytest.mark.parametrize(
        ("text", "most", "cut"),
        [
            ("", 10, []),
            ("  \n ", 10, []),
            ("Short.", 10, ["Short."]),
            ("One. Two. Three.", 10, ["One. Two.", "Three."]),
            ("One, two and three.", 10, ["One,", "two and", "three."]),
            ("One two three", 10, ["One two", "three"]),
            ("exactly10! more", 10, ["exactly10!", "more"]),
            ("abcdefghijklmno", 10, ["abcdefghij", "klmno"]),
            ("你好。再见。", 4, ["你好。", "再见。"]),
            ("He said “yes.” Then he left.", 16, ["He said “yes.”", "Then he left."]),
        ],
    )
    def test_they_end_where_it_hurts_least(self, text: str, most: int, cut: list[str]) -> None:
        assert list(portions(text, most)) == cut

    @given(st.text(max_size=300), st.integers(1, 50))
    def test_none_is_empty_or_too_long_and_nothing_is_lost(self, text: str, most: int) -> None:
        cut = list(portions(text, most))
        assert all(0 < len(portion) <= most for portion in cut)
        assert "".join("".join(cut).split()) == "".join(text.split())


class TestSpeed:
    tone = np.rint(8_000 * np.sin(np.arange(2 * RATE_HZ) * 2 * np.pi * 200 / RATE_HZ)).astype(
        np.int16
    )

    @pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.25, 1.5, 2.0, 4.0])
    def test_the_time_changes_and_neither_pitch_nor_loudness(self, speed: float) -> None:
        made = at_speed(self.tone, RATE_HZ, speed)
        assert len(made) == pytest.approx(len(self.tone) / speed, rel=0.03)
        middle = made[len(made) // 4 : -len(made) // 4].astype(np.float64)
        pitch = np.argmax(np.abs(np.fft.rfft(middle))) * RATE_HZ / len(middle)
        assert pitch == pytest.approx(200, abs=5)
        assert np.sqrt(np.mean(middle**2)) == pytest.approx(8_000 / np.sqrt(2), rel=0.1)

    def test_natural_speed_changes_nothing(self) -> None:
        assert at_speed(self.tone, RATE_HZ, 1.0) is self.tone

    @pytest.mark.parametrize("length", [0, 1, 100, 1_921, 5_000])
    def test_short_sound_is_no_trouble(self, length: int) -> None:
        made = at_speed(self.tone[:length], RATE_HZ, 2.0)
        assert made.dtype == np.int16
        assert len(made) <= max(length, 1)


class TestCaptions:
    def test_words_are_found_in_the_text(self) -> None:
        text = "It's a cat, a Cat!"
        told = [("It's", 0.0), ("a", 0.2), ("cat", 0.3), (",", 0.5), ("a", 0.6), ("cat", 0.7)]
        captions = [Caption(word, start) for word, start in told]
        words = list(CaptionReader(text).words(captions, 1_000))
        assert [(text[w.offset : w.offset + w.length], w.start_ms) for w in words] == [
            ("It's", 0),
            ("a", 200),
            ("cat", 300),
            ("a", 600),
            ("Cat", 700),
        ]

    def test_what_the_text_does_not_have_is_passed_over(self) -> None:
        captions = [Caption("five", 0.0), Caption("dollars", 0.2), Caption("please", 0.5)]
        assert list(CaptionReader("$5 please").words(captions, 1_000)) == [WordTime(3, 6, 500)]

    def test_a_word_far_ahead_is_another_one(self) -> None:
        text = "Ten " + "and more " * 20 + "dollars"
        assert list(CaptionReader(text).words([Caption("dollars", 0.1)], 1_000)) == []

    @pytest.mark.parametrize("start", [-1.0, 1.001, 1e9])
    def test_impossible_times_are_left_out(self, start: float) -> None:
        assert list(CaptionReader("Hello.").words([Caption("Hello", start)], 1_000)) == []
