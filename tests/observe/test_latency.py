"""How long a turn took, and which stage made it slow."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.observe.latency import FIGURES, STAGES, gap_by_stage, latency, why_slow

OVER_AT = 100.0
MOMENTS = {
    "stt_done": 100.080,
    "decided": 100.100,
    "llm_start": 100.100,
    "llm_first_token": 100.300,
    "tts_first_chunk": 100.350,
    "first_sound_sent": 100.352,
    "llm_done": 100.900,
    "turn_complete": 101.2004,
}

some_moments = st.dictionaries(
    st.sampled_from([name for name, _ in STAGES]), st.floats(OVER_AT - 10, OVER_AT + 10)
)


class TestFigures:
    def test_all_are_whole_milliseconds_counted_from_the_end_of_what_was_said(self) -> None:
        assert latency(MOMENTS, OVER_AT) == {
            "stt_ms": 80,
            "llm_first_token_ms": 300,
            "llm_ms": 900,
            "tts_first_chunk_ms": 350,
            "first_audio_ms": 352,
            "total_ms": 1200,
        }

    def test_what_was_done_before_that_took_no_time(self) -> None:
        assert latency({"stt_done": OVER_AT - 0.7}, OVER_AT) == {"stt_ms": 0}

    def test_what_did_not_happen_has_none(self) -> None:
        assert "llm_ms" not in latency({"stt_done": 100.1, "turn_complete": 101.0}, OVER_AT)
        assert latency({}, OVER_AT) == {}

    @given(some_moments)
    def test_none_is_ever_negative(self, moments: dict[str, float]) -> None:
        assert all(ms >= 0 for ms in latency(moments, OVER_AT).values())
        assert set(latency(moments, OVER_AT)) <= set(FIGURES)


class TestSharingOutTheGap:
    def test_each_stage_has_what_it_added(self) -> None:
        assert gap_by_stage(MOMENTS, OVER_AT) == {
            "stt_done": 80,
            "decided": 20,
            "llm_first_token": 200,
            "tts_first_chunk": 50,
            "first_sound_sent": 2,
        }

    def test_what_was_ready_before_it_was_needed_added_nothing(self) -> None:
        thought_ahead = {"stt_done": 99.5, "decided": 100.25, "llm_first_token": 100.1}
        shares = gap_by_stage(thought_ahead, OVER_AT)
        assert shares == {"stt_done": 0, "decided": 250, "llm_first_token": 0}

    @given(some_moments)
    def test_the_shares_are_the_whole_gap(self, moments: dict[str, float]) -> None:
        shares = gap_by_stage(moments, OVER_AT)
        gap_ms = max([0.0, *(at - OVER_AT for at in moments.values())]) * 1000
        assert sum(shares.values()) == pytest.approx(gap_ms, abs=len(STAGES))
        assert all(share >= 0 for share in shares.values())


class TestWhy:
    def test_the_longest_stage_is_named_with_its_share(self) -> None:
        why = why_slow(MOMENTS, OVER_AT)
        assert why is not None
        assert (why.stage, why.ms, why.of_ms) == ("llm_first_token", 200, 352)
        assert why.sentence == "Finding the first word of the answer took 200 of 352 ms."

    @pytest.mark.parametrize("slow", [name for name, _ in STAGES])
    def test_every_stage_can_be_the_reason(self, slow: str) -> None:
        at, moments = OVER_AT, {}
        for name, _ in STAGES:
            at += 0.9 if name == slow else 0.1
            moments[name] = at
        why = why_slow(moments, OVER_AT)
        assert why is not None
        assert (why.stage, why.ms, why.of_ms) == (slow, 900, 1400)
        assert why.sentence.startswith(dict(STAGES)[slow])

    def test_without_a_sound_there_was_no_gap(self) -> None:
        assert why_slow({"stt_done": 100.1, "turn_complete": 101.0}, OVER_AT) is None


def test_the_stages_stand_in_the_order_in_which_they_end() -> None:
    in_order = [name for name, _ in STAGES if name in MOMENTS]
    assert all(MOMENTS[one] <= MOMENTS[next_one] for one, next_one in pairwise(in_order))
