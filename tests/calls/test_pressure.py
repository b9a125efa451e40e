"""How hard the server has it: which load leads to which step, and back."""

from __future__ import annotations

import logging

import pytest

from repartee.calls.pressure import Footing, Load, Pressure, Step, after, wanted
from repartee.engines.protocols import Sampling

EASY, NO_GUESSING, FEWER_PARTIALS, SHORTER, REFUSING = Step

STEPS: list[tuple[Load, Step]] = [
    (Load(), EASY),
    (Load(lag_p95_ms=79), EASY),
    (Load(lag_p95_ms=80), NO_GUESSING),
    (Load(lag_p95_ms=150), FEWER_PARTIALS),
    (Load(lag_p95_ms=250), SHORTER),
    (Load(lag_p95_ms=400), REFUSING),
    (Load(haste=0.39), EASY),
    (Load(haste=0.4), NO_GUESSING),
    (Load(haste=0.6), FEWER_PARTIALS),
    (Load(haste=0.8), SHORTER),
    (Load(haste=100.0), SHORTER),  # who waits for an engine is no reason to refuse
    (Load(waiting=15), EASY),
    (Load(waiting=16), NO_GUESSING),
    (Load(waiting=48), FEWER_PARTIALS),
    (Load(waiting=10_000), FEWER_PARTIALS),  # nor is work beside the calls
    (Load(lag_p95_ms=80, haste=0.8, waiting=16), SHORTER),  # the worst figure counts
]


@pytest.mark.parametrize(("load", "step"), STEPS)
def test_a_load_leads_to_its_step(load: Load, step: Step) -> None:
    assert wanted(load) == step
    assert after(Footing(), load, 0).step == step


CALM, AT_THE_EDGE, BUSY = Load(lag_p95_ms=5), Load(lag_p95_ms=70), Load(lag_p95_ms=90)
HARD = Load(lag_p95_ms=260)

COURSES: dict[str, list[tuple[float, Load, Step]]] = {
    "up at once, and as far as it must": [(0, CALM, EASY), (1, HARD, SHORTER)],
    "down one step at a time": [
        (0, HARD, SHORTER),
        (1, CALM, SHORTER),
        (6, CALM, FEWER_PARTIALS),
        (7, CALM, FEWER_PARTIALS),
        (12, CALM, NO_GUESSING),
        (13, CALM, NO_GUESSING),
        (18, CALM, EASY),
        (30, CALM, EASY),
    ],
    "what hovers about the edge does not flap": [
        (0, BUSY, NO_GUESSING),
        *[(second, AT_THE_EDGE, NO_GUESSING) for second in range(1, 20)],
        (20, BUSY, NO_GUESSING),
    ],
    "a moment of calm is not enough": [
        (0, BUSY, NO_GUESSING),
        (1, CALM, NO_GUESSING),
        (5.9, CALM, NO_GUESSING),
        (5.95, BUSY, NO_GUESSING),
        (6.5, CALM, NO_GUESSING),
        (11.4, CALM, NO_GUESSING),
        (11.5, CALM, EASY),
    ],
    "a step lower may be all that is possible": [
        (0, HARD, SHORTER),
        (1, Load(lag_p95_ms=160), SHORTER),
        (6, Load(lag_p95_ms=160), FEWER_PARTIALS),
        *[(second, Load(lag_p95_ms=160), FEWER_PARTIALS) for second in range(7, 30)],
    ],
}


@pytest.mark.parametrize("course", COURSES)
def test_its_course(course: str) -> None:
    footing = Footing()
    for now, load, step in COURSES[course]:
        footing = after(footing, load, now)
        assert footing.step == step, f"after {now} s"


def test_each_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pressure = Pressure()
    for now in range(3):
        pressure.note(BUSY, now)
    for now in range(3, 20):
        pressure.note(CALM, now)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "The server is busy: replies are not prepared ahead any more."),
        ("INFO", "The server has it easy again."),
    ]


@pytest.mark.parametrize(
    ("lag_p95_ms", "guessing", "all_partials", "tokens", "lets_in"),
    [
        (0, True, True, 200, True),
        (80, False, True, 200, True),
        (150, False, False, 200, True),
        (250, False, False, 100, True),
        (400, False, False, 100, False),
    ],
)
def test_what_is_left_out(
    lag_p95_ms: float, guessing: bool, all_partials: bool, tokens: int, lets_in: bool
) -> None:
    pressure = Pressure()
    pressure.note(Load(lag_p95_ms), 0)
    assert pressure.allows_guessing is guessing
    assert pressure.allows_all_partials is all_partials
    assert pressure.fitting(Sampling(max_tokens=200)).max_tokens == tokens
    assert pressure.lets_in is lets_in
