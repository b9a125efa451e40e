"""Words, confidence and the colour of a voice: the arithmetic around pocketsphinx."""

from __future__ import annotations

import pytest

from repartee.engines.stt.cepstral_mean import (
    MOST_FRAMES,
    REMEMBERED_FRAMES,
    TOLD_FRAMES,
    UNKNOWN,
    Mean,
    learned,
)
from repartee.engines.stt.sphinx_decoder import confidence, edits, only_words


class TestWords:
    def test_pauses_and_noises_are_no_words(self) -> None:
        found = ["<s>", "hello", "<sil>", "[NOISE]", "++UH++", "the(2)", "world(13)", "</s>"]
        assert only_words(found) == ["hello", "the", "world"]

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ("", "", 0),
            ("", "a b", 2),
            ("a b", "", 2),
            ("a b c", "a b c", 0),
            ("a b c", "a x c", 1),
            ("a b c", "a c", 1),
            ("a c", "a b c d", 2),
        ],
    )
    def test_edits_are_counted_in_words(self, before: str, after: str, expected: int) -> None:
        assert edits(before.split(), after.split()) == expected


class TestConfidence:
    def test_no_words_no_confidence(self) -> None:
        assert confidence([], ["so"], []) == 0.0

    def test_sure_words_that_never_changed_are_believed(self) -> None:
        assert confidence([1.0, 0.9], ["a", "b"], ["a", "b"]) > 0.9

    def test_unlikely_words_are_not(self) -> None:
        assert confidence([0.1, 0.2], ["a", "b"], ["a", "b"]) < 0.5

    def test_words_that_all_changed_at_the_end_are_not(self) -> None:
        assert confidence([0.5, 0.5], ["x", "y"], ["a", "b"]) < 0.1


class TestMean:
    def test_each_frame_counts_the_same(self) -> None:
        assert Mean((1.0,), 100).joined_with(Mean((4.0,), 200)) == Mean((3.0,), 300)

    def test_what_is_remembered_stays_open_to_change(self) -> None:
        old = Mean((0.0,), REMEMBERED_FRAMES).joined_with(Mean((0.0,), REMEMBERED_FRAMES))
        assert old.frames == REMEMBERED_FRAMES
        assert old.joined_with(Mean((1.0,), REMEMBERED_FRAMES)).values == (0.5,)

    @pytest.mark.parametrize("frames", [1, 100, 300, 301, 602, 5000])
    def test_the_utterance_is_told_apart_from_what_was_there_before(self, frames: int) -> None:
        library = Library(UNKNOWN)
        library.hear(7.0, frames)
        assert learned(library, UNKNOWN).values == pytest.approx((7.0,) * 13)


class Library:
    """Keeps a running mean in the way pocketsphinx does."""

    def __init__(self, told: tuple[float, ...]) -> None:
        self._sums = [value * TOLD_FRAMES for value in told]
        self._frames = TOLD_FRAMES
        self._heard = 0

    def hear(self, value: float, frames: int) -> None:
        for _ in range(frames):
            self._sums = [total + value for total in self._sums]
            self._frames += 1
            if self._frames > MOST_FRAMES:
                self._sums = [total * TOLD_FRAMES / self._frames for total in self._sums]
                self._frames = TOLD_FRAMES
        self._heard += frames

    def n_frames(self) -> int:
        return self._heard

    def get_cmn(self, update: bool) -> str:
        return ",".join(repr(total / self._frames) for total in self._sums)
