"""No, and when to ask again."""

from __future__ import annotations

import pytest

from repartee.calls.refusals import TryLater, lasting


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "a second"),
        (2, "2 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (7_199, "120 minutes"),
        (7_200, "2 hours"),
    ],
)
def test_so_many_seconds_as_people_say_it(seconds: int, said: str) -> None:
    assert lasting(seconds) == said


@pytest.mark.parametrize(("seconds", "told"), [(0, 1), (0.2, 1), (1.1, 2), (10, 10)])
def test_nobody_is_told_to_come_too_early(seconds: float, told: int) -> None:
    refusal = TryLater("There is no room.", seconds)
    assert refusal.retry_after_s == told
    assert str(refusal) == f"There is no room. Try again in {lasting(told)}."
