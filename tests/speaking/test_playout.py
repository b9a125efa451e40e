"""The words that a listener has heard, and the clock that says so."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.speaking.playout import Playout, Score, SpokenUnit


class At(NamedTuple):
    offset: int
    length: int
    start_ms: int


def spoken(index: int, text: str, *ends: int) -> SpokenUnit:
    return SpokenUnit(index, text, ends[-1] if ends else 0, ends)


# ---------------------------------------------------------------- the score


@pytest.mark.parametrize(
    ("heard_ms", "text"),
    [
        (-5, ""),
        (0, ""),
        (299, ""),
        (300, "One"),
        (799, "One"),
        (800, "One  two,"),
        (999, "One  two,"),
        (1000, "One  two, three."),
        (1399, "One  two, three."),
        (1400, "One  two, three.\nFour"),
        (1999, "One  two, three.\nFour"),
        (2000, "One  two, three.\nFour five."),
        (9999, "One  two, three.\nFour five."),
    ],
)
def test_words_are_heard_when_they_have_ended(heard_ms: int, text: str) -> None:
    score = Score()
    score.add(spoken(0, "One  two, three.", 300, 800, 1000))
    score.add(spoken(1, "\nFour five.", 400, 1000))
    assert score.total_ms == 2000
    assert score.heard(heard_ms) == text


def test_an_empty_score() -> None:
    assert Score().total_ms == 0
    assert Score().heard(100) == ""


def test_units_count_by_their_numbers_however_they_come() -> None:
    score = Score()
    score.add(spoken(2, " two", 100))
    score.add(spoken(1, "One", 100))
    assert score.heard(100) == "One"
    assert score.heard(200) == "One two"


def test_a_unit_without_sound_is_heard_with_what_is_before_it() -> None:
    score = Score()
    score.add(spoken(0, "Look:", 100))
    score.add(SpokenUnit(1, "\n```\nx = 1\n```", 0, (0, 0, 0, 0, 0)))
    score.add(spoken(2, "\nNice.", 100))
    assert score.heard(99) == ""
    assert score.heard(100) == "Look:\n```\nx = 1\n```"
    assert score.heard(200) == "Look:\n```\nx = 1\n```\nNice."


def test_a_unit_that_streams_is_heard_at_the_usual_pace_until_it_is_whole() -> None:
    score = Score()
    score.begin(0, "four more $5", "four more 5 dollars")
    assert score.heard(1000) == ""
    score.extend(0, 200.5)
    assert score.heard(1000) == ""  # only 200 ms of it exist
    score.extend(0, 99.5)
    assert score.total_ms == 300
    assert score.heard(239) == ""
    assert score.heard(240) == "four"
    score.extend(0, 900)
    assert score.heard(1200) == "four more"  # the last word is never over before the unit is
    score.finish(0, [At(0, 4, 0), At(5, 4, 500), At(10, 1, 1000)])
    assert score.heard(499) == ""
    assert score.heard(500) == "four"
    assert score.heard(1000) == "four more"
    assert score.heard(1199) == "four more"
    assert score.heard(1200) == "four more $5"


def test_slower_speech_than_usual_never_claims_the_whole() -> None:
    score = Score()
    score.begin(0, "a b", "a b")
    score.extend(0, 5000)
    assert score.heard(5000) == "a"


def test_nothing_is_heard_behind_a_unit_that_is_not_wholly_heard() -> None:
    score = Score()
    score.begin(0, "one two", "one two")
    score.extend(0, 400)
    score.add(spoken(1, " three", 100))
    assert score.heard(500) == "one"
    score.finish(0)
    assert score.heard(500) == "one two three"


def test_a_unit_is_begun_once_and_open_when_it_is_extended() -> None:
    score = Score()
    score.begin(0, "one", "one")
    with pytest.raises(ValueError, match="in the score already"):
        score.begin(0, "one", "one")
    score.finish(0)
    for index in (0, 7):
        with pytest.raises(ValueError, match="not open"):
            score.extend(index, 20)
        with pytest.raises(ValueError, match="not open"):
            score.finish(index)


UNITS = st.lists(
    st.tuples(st.sampled_from(["One", " two three.", "\n\n- four", " $5 — `x`", "  ", "好。"]),
              st.integers(0, 1500), st.booleans()),
    max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=200, derandomize=True)
@given(UNITS, st.lists(st.floats(-100, 9000), max_size=8))
def test_what_was_heard_only_grows_and_ends_as_the_whole(
    units: list[tuple[str, int, bool]], moments: list[float]
) -> None:
    score = Score()
    for index, (text, duration_ms, whole) in enumerate(units):
        score.begin(index, text, text)
        score.extend(index, duration_ms)
        if whole:
            score.finish(index)
    text = "".join(text for text, _, _ in units)
    before = ""
    for moment in sorted(moments):
        heard = score.heard(moment)
        assert text.startswith(heard)
        assert heard.startswith(before)
        before = heard
    if all(whole for _, _, whole in units):
        assert score.heard(score.total_ms + 1) == text


# ---------------------------------------------------------------- the clock


def test_at_first_a_lead_may_leave_at_once() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    assert clock.due(5.0) == 200
    assert clock.next_due(5.0) == 5.0
    assert clock.played_ms(5.0) == 0


def test_then_sound_leaves_as_it_is_played() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 5.0)
    assert clock.due(5.0) == 0
    assert clock.next_due(5.0) == pytest.approx(5.02)
    assert clock.due(5.019) == 0
    assert clock.due(5.02) == 20
    assert clock.due(5.05) == 40  # whole frames only
    assert clock.played_ms(5.05) == 50


def test_played_never_passes_what_was_sent() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(100, 0.0)
    assert clock.sent_ms == 100
    assert clock.played_ms(9.0) == 100


def test_an_underrun_stops_the_clock_until_sound_comes() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(100, 0.0)
    assert clock.due(3.0) == 200
    clock.sent(60, 3.0)
    assert clock.played_ms(3.0) == 100
    assert clock.played_ms(3.05) == 150
    assert clock.played_ms(4.0) == 160


def test_a_pause_stops_the_clock_and_the_sending() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 0.0)
    clock.pause(0.1)
    assert clock.due(1.0) == 0
    assert clock.next_due(1.0) is None
    assert clock.played_ms(1.0) == 100
    clock.resume(2.0)
    assert clock.played_ms(2.05) == 150
    assert clock.due(2.05) == 140


def test_sound_sent_during_a_pause_waits() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.pause(0.0)
    clock.sent(100, 1.0)
    assert clock.played_ms(2.0) == 0
    clock.resume(3.0)
    assert clock.played_ms(3.04) == 40


def test_a_report_moves_the_clock_ahead() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 0.0)
    clock.reported(90, 0.05)
    assert clock.played_ms(0.05) == 90
    assert clock.played_ms(0.1) == 140


def test_a_report_never_passes_what_was_sent() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 0.0)
    clock.reported(math.inf, 0.05)
    assert clock.played_ms(0.05) == 200


def test_a_client_that_lags_makes_the_clock_wait_but_not_go_back() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 0.0)
    clock.reported(40, 0.1)
    assert clock.played_ms(0.1) == 100
    assert clock.played_ms(0.15) == 100
    assert clock.played_ms(0.2) == 140
    assert clock.next_due(0.1) == 0.1  # 100 ms are free already
    clock.sent(100, 0.1)
    assert clock.next_due(0.1) == pytest.approx(0.18)


@pytest.mark.parametrize("report", [50, -1, -math.inf, math.nan])
def test_a_stale_or_senseless_report_changes_nothing(report: float) -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 0.0)
    clock.reported(80, 0.08)
    clock.reported(report, 0.1)
    assert clock.played_ms(0.1) == 100


def test_time_that_runs_backward_does_no_harm() -> None:
    clock = Playout(lead_ms=200, frame_ms=20)
    clock.sent(200, 5.0)
    assert clock.played_ms(4.0) == 0


def test_a_lead_shorter_than_a_frame_still_lets_frames_go() -> None:
    clock = Playout(lead_ms=0, frame_ms=20)
    assert clock.due(0.0) == 20
    clock.sent(20, 0.0)
    assert clock.next_due(0.0) == pytest.approx(0.02)
    assert clock.due(0.02) == 20


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "send", "wait", "pause", "resume", "report"]), st.integers(0, 700)
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(STEPS, st.integers(0, 500), st.integers(1, 100), st.sampled_from([0.0, 1e6, 1.7e9]))
def test_the_clock_keeps_its_promises(
    steps: list[tuple[str, int]], lead_ms: int, frame_ms: int, now: float
) -> None:
    clock = Playout(lead_ms=lead_ms, frame_ms=frame_ms)
    played = sent = 0
    for step, amount in steps:
        if step == "send":
            due = clock.due(now)
            assert due % frame_ms == 0
            clock.sent(due, now)
            sent += due
            assert clock.sent_ms == sent <= clock.played_ms(now) + max(lead_ms, frame_ms)
        elif step == "pause":
            clock.pause(now)
            assert clock.due(now) == 0
        elif step == "resume":
            clock.resume(now)
        elif step == "report":
            clock.reported(amount, now)
        else:
            now += amount / 1000
        assert played <= clock.played_ms(now) <= sent
        played = clock.played_ms(now)
        moment = clock.next_due(now)
        if moment is not None:
            assert moment >= now
            assert clock.due(moment) >= frame_ms
            assert moment == now or clock.due(now) == 0
