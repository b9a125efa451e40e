import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.listening.segmenter import (
    Segmenter,
    SegmentRules,
    SpeechBegan,
    SpeechEdge,
    SpeechPaused,
)

WINDOW_MS = 32.0
THREE_WINDOWS = SegmentRules(pause_ms=96)


def edges(probabilities: list[float], rules: SegmentRules | None = None) -> list[SpeechEdge]:
    segmenter = Segmenter(rules or THREE_WINDOWS)
    return [edge for p in probabilities for edge in segmenter.feed(p, WINDOW_MS)]


class TestSpeechBegins:
    def test_with_two_loud_windows_and_where_the_first_of_them_began(self) -> None:
        assert edges([0.0] * 10 + [0.9, 0.9]) == [SpeechBegan(at_ms=320, speech_ms=64)]

    def test_with_two_of_the_last_three(self) -> None:
        assert edges([0.0, 0.9, 0.1, 0.9]) == [SpeechBegan(at_ms=32, speech_ms=96)]

    def test_not_with_one_click(self) -> None:
        assert edges([0.0, 1.0, 0.0, 0.0] * 20) == []

    def test_not_below_the_threshold(self) -> None:
        assert edges([0.49] * 100) == []

    def test_again_after_a_pause(self) -> None:
        said = edges([0.9] * 5 + [0.0] * 4 + [0.9] * 2)
        assert said == [SpeechBegan(0, 64), SpeechPaused(160, 96), SpeechBegan(288, 64)]

    def test_after_as_much_sound_as_the_rules_say(self) -> None:
        patient = SegmentRules(onset_ms=160)
        assert edges([0.9] * 4, patient) == []
        assert edges([0.9] * 5, patient) == [SpeechBegan(0, 160)]

    @pytest.mark.parametrize("onset_ms", [1, 32, 33, 40, 64, 65, 100, 1000])
    def test_whatever_the_onset_if_the_speech_is_long_enough(self, onset_ms: int) -> None:
        assert edges([0.9] * 40, SegmentRules(onset_ms=onset_ms))[0].at_ms == 0


class TestSpeechPauses:
    def test_after_three_silent_windows_and_where_the_silence_began(self) -> None:
        assert edges([0.9] * 10 + [0.0] * 3)[1:] == [SpeechPaused(at_ms=320, silence_ms=96)]

    def test_not_while_the_voice_hovers_between_the_thresholds(self) -> None:
        assert edges([0.9] * 2 + [0.4] * 100) == [SpeechBegan(0, 64)]

    def test_not_when_a_voice_returns_in_time(self) -> None:
        assert edges(([0.9] * 3 + [0.0] * 2) * 20) == [SpeechBegan(0, 64)]

    def test_only_once(self) -> None:
        assert len(edges([0.9] * 2 + [0.0] * 1000)) == 2

    def test_when_the_detector_answers_nonsense(self) -> None:
        assert edges([0.9] * 2 + [math.nan] * 3) == [SpeechBegan(0, 64), SpeechPaused(64, 96)]


class TestRules:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"onset": 0.0}, "onset"),
            ({"onset": 1.0}, "onset"),
            ({"onset": math.nan}, "onset"),
            ({"offset": 0.0}, "offset"),
            ({"offset": 0.6}, "offset"),
            ({"onset_ms": 0}, "onset_ms"),
            ({"onset_ms": 1001}, "onset_ms"),
            ({"pause_ms": 0}, "pause_ms"),
            ({"pause_ms": 5001}, "pause_ms"),
        ],
    )
    def test_a_wrong_one_is_named(self, wrong: dict[str, float], field: str) -> None:
        with pytest.raises(ValueError, match=f"^{field} is "):
            SegmentRules(**wrong)  # type: ignore[arg-type]

    @pytest.mark.parametrize("length", [0.0, -1.0, math.nan])
    def test_a_window_has_some_length(self, length: float) -> None:
        with pytest.raises(ValueError, match="window_ms"):
            Segmenter(SegmentRules()).feed(0.5, length)


probabilities = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 1.0]), max_size=200)
some_rules = st.builds(
    SegmentRules,
    onset=st.floats(0.4, 0.9),
    offset=st.floats(0.1, 0.4),
    onset_ms=st.integers(1, 300),
    pause_ms=st.integers(1, 600),
)


class TestWhateverIsHeard:
    @given(probabilities, some_rules)
    def test_edges_alternate_and_move_forward(
        self, heard: list[float], rules: SegmentRules
    ) -> None:
        told = edges(heard, rules)
        kinds = [type(edge) for edge in told]
        assert kinds == [SpeechBegan, SpeechPaused] * (len(told) // 2) + [SpeechBegan] * (
            len(told) % 2
        )
        places = [edge.at_ms for edge in told]
        assert places == sorted(places)

    @given(st.lists(st.floats(0, 0.49), max_size=200))
    def test_silence_never_begins_speech(self, heard: list[float]) -> None:
        assert edges(heard) == []

    @given(probabilities, some_rules)
    def test_an_edge_lies_before_its_decision_by_what_it_says(
        self, heard: list[float], rules: SegmentRules
    ) -> None:
        segmenter, now_ms = Segmenter(rules), 0.0
        for probability in heard:
            now_ms += WINDOW_MS
            for edge in segmenter.feed(probability, WINDOW_MS):
                if isinstance(edge, SpeechBegan):
                    assert edge.at_ms + edge.speech_ms == now_ms
                    assert rules.onset_ms <= edge.speech_ms <= 1.5 * rules.onset_ms + WINDOW_MS
                else:
                    assert edge.at_ms + edge.silence_ms == now_ms
                    assert edge.silence_ms >= rules.pause_ms

    @given(probabilities)
    def test_enough_silence_always_ends_speech(self, heard: list[float]) -> None:
        segmenter = Segmenter(THREE_WINDOWS)
        for probability in [*heard, 0.0, 0.0, 0.0]:
            segmenter.feed(probability, WINDOW_MS)
        assert not segmenter.in_speech
