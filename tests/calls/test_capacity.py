"""How many calls a machine carries."""

from __future__ import annotations

import pytest

from repartee.calls.capacity import Costs, Room, careful_places, cpu_per_call, places

EMBEDDED = Costs(hearing=0.3, thinking=0.3, speaking=0.005, thinking_took_s=0.4)


@pytest.mark.parametrize(
    ("costs", "room", "expected"),
    [
        (Costs(), Room(cores=1), 100),  # nothing but the house itself
        (Costs(), Room(cores=2), 200),
        (EMBEDDED, Room(cores=2), 11),
        (EMBEDDED, Room(cores=8), 44),
        (EMBEDDED, Room(cores=8, ears=4), 9),  # who can't be heard can't be answered
        (EMBEDDED, Room(cores=8, slots=1), 15),  # nor can who has to queue for a thought
        (Costs(hearing=5, thinking=30), Room(cores=0.5), 1),  # one is always let in
    ],
)
def test_the_scarcest_thing_decides(costs: Costs, room: Room, expected: int) -> None:
    assert places(costs, room) == expected


def test_what_is_done_elsewhere_costs_only_the_line() -> None:
    assert cpu_per_call(Costs()) == 0.008
    assert cpu_per_call(EMBEDDED) == pytest.approx(0.145, abs=0.005)


@pytest.mark.parametrize(("cores", "expected"), [(0.25, 1), (1, 2), (2, 4), (16, 32)])
def test_while_nothing_is_known_the_cores_let_expect_less(cores: float, expected: int) -> None:
    assert careful_places(cores) == expected
    assert expected <= max(1, places(EMBEDDED, Room(cores)))
