"""Text on its way to espeak: every character in its place, every word timed once."""

from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.tts.espeak_library import WordBegins
from repartee.engines.tts.espeak_text import (
    LONGEST_PASSAGE,
    WordTimer,
    passages,
    speakable,
)

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=400)


def cut(text: str) -> list[str]:
    return [passage.text for passage in passages(text)]


class TestSpeakable:
    def test_what_is_no_text_becomes_a_space(self) -> None:
        assert speakable("a\0b\x01c\x7fd\x85e\ud800f\tg\nh") == "a b c d e f g\nh"

    @given(ANY_TEXT)
    def test_nothing_moves_and_all_can_be_encoded(self, text: str) -> None:
        assert len(speakable(text)) == len(text)
        assert b"\0" not in speakable(text).encode()


class TestPassages:
    def test_a_short_text_stays_whole(self) -> None:
        assert cut("One. Two, three.") == ["One. Two, three."]

    def test_nothing_to_say_is_no_passage(self) -> None:
        assert cut("") == cut(" \n ") == []

    def test_the_end_of_a_sentence_is_the_best_place(self) -> None:
        sentence = "This one, as it happens, has about sixty characters in all. "
        assert cut(sentence * 3) == [sentence * 2, sentence]

    def test_then_the_end_of_a_clause(self) -> None:
        clause = "it goes on with one more of these, "
        assert cut(clause * 5) == [clause * 3, clause * 2]

    def test_then_a_space_and_then_anywhere(self) -> None:
        assert cut("word " * 30)[0] == "word " * (LONGEST_PASSAGE // 5)
        assert cut("a" * 300) == ["a" * 120, "a" * 120, "a" * 60]

    def test_an_accent_stays_with_its_letter(self) -> None:
        assert cut("a" * 119 + "e\u0301" * 50)[0].endswith("e\u0301")

    def test_other_scripts_have_their_own_full_stops(self) -> None:
        assert cut("今天天气很好。" * 10)[0].endswith("。")

    def test_digits_count_for_what_they_take_to_say(self) -> None:
        assert cut("9" * 100) == ["9" * 24] * 4 + ["9" * 4]

    def test_only_after_punctuation_belongs_a_pause(self) -> None:
        texts = ["Yes.", "“Yes!” ", "so,", "Yes", "3.14", "好。"]
        paused = [passage.is_punctuated for text in texts for passage in passages(text)]
        assert paused == [True, True, True, False, False, True]

    @given(ANY_TEXT)
    def test_nothing_but_space_is_ever_lost(self, text: str) -> None:
        at = 0
        for passage in passages(text):
            assert not text[at : passage.offset].strip()
            at = passage.offset + len(passage.text)
            assert text[passage.offset : at] == passage.text
        assert not text[at:].strip()


class TestWords:
    def times(self, text: str, *told: tuple[int, int], samples: int) -> list[tuple[str, int]]:
        timer = WordTimer(text)
        words = [word for begins in told for word in timer.told(WordBegins(*begins))]
        words += timer.ended(samples)
        return [(text[word.offset : word.offset + word.length], word.sample) for word in words]

    def test_a_word_is_told_without_the_marks_around_it(self) -> None:
        assert self.times("“Ah,” (he) said.", (1, 0), (7, 50), (11, 80), samples=100) == [
            ("Ah", 0),
            ("he", 50),
            ("said", 80),
        ]

    def test_the_parts_of_a_word_are_one_word(self) -> None:
        times = self.times("it's 3.14 now", (0, 0), (3, 5), (5, 10), (7, 20), (10, 40), samples=50)
        assert times == [("it's", 0), ("3.14", 10), ("now", 40)]

    def test_a_word_that_was_passed_over_begins_between_its_neighbours(self) -> None:
        times = self.times("one of the best", (0, 0), (4, 40), (11, 110), samples=150)
        assert times == [("one", 0), ("of", 40), ("the", 70), ("best", 110)]

    def test_words_passed_over_at_the_end_begin_before_the_end(self) -> None:
        assert self.times("out of it", (0, 0), samples=90) == [("out", 0), ("of", 40), ("it", 70)]

    def test_an_ideograph_is_a_word(self) -> None:
        assert [word for word, _ in self.times("世界，你好", samples=1)] == ["世", "界", "你", "好"]

    @given(
        st.text("ab. '“-1世,", max_size=40),
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 900)), max_size=20),
    )
    def test_whatever_is_told_words_come_once_and_in_order(
        self, text: str, told: list[tuple[int, int]]
    ) -> None:
        timer = WordTimer(text)
        words = [word for begins in told for word in timer.told(WordBegins(*begins))]
        words += timer.ended(1000)
        offsets = [word.offset for word in words]
        assert offsets == sorted(set(offsets))
        assert [word.sample for word in words] == sorted(word.sample for word in words)
        assert len(words) == len(WordTimer(text).ended(1000))
