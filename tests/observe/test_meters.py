"""What is measured of turns: the gap once for each, its stages, and how each turn ended."""

from __future__ import annotations

import msgspec
import pytest

from repartee.observe.latency import Why
from repartee.observe.meters import Meters
from repartee.observe.onlookers import Onlookers, TurnSeen
from tests.observe.a_turn import GREETING, a_turn


def value(meters: Meters, name: str, **labels: str) -> float:
    found = meters.registry.get_sample_value(f"repartee_{name}", labels)
    assert found is not None, f"there is no {name} {labels}"
    return found


def gaps(meters: Meters, mode: str = "spoken") -> float:
    return value(meters, "gap_seconds_count", mode=mode)


@pytest.fixture
def meters() -> Meters:
    return Meters()


def test_the_gap_is_counted_from_the_last_word_to_the_first_sound(meters: Meters) -> None:
    meters.turn_over(a_turn())
    assert gaps(meters) == 1
    assert value(meters, "gap_seconds_sum", mode="spoken") == pytest.approx(0.45)


def test_its_stages_add_up_to_it(meters: Meters) -> None:
    meters.turn_over(a_turn())
    stages = {
        stage: value(meters, "gap_stage_seconds_sum", stage=stage)
        for stage in ("recognising", "deciding", "thinking", "voicing", "sending")
    }
    assert stages == pytest.approx(
        {"recognising": 0.1, "deciding": 0.1, "thinking": 0.15, "voicing": 0.09, "sending": 0.01}
    )


def test_what_was_typed_has_a_gap_of_its_own(meters: Meters) -> None:
    meters.turn_over(a_turn(mode="typed"))
    assert (gaps(meters), gaps(meters, "typed")) == (0, 1)


@pytest.mark.parametrize("status", ["complete", "interrupted", "low_confidence", "failed"])
def test_every_end_of_a_turn_is_counted(meters: Meters, status: str) -> None:
    meters.turn_over(a_turn(status=status))
    assert value(meters, "turns_total", mode="spoken", status=status) == 1


def test_a_reply_that_failed_and_its_apology_have_one_gap(meters: Meters) -> None:
    failed = a_turn(status="failed")
    apology = msgspec.structs.replace(failed, turn=a_turn(number=2).turn)
    meters.turn_over(failed)
    assert gaps(meters) == 0
    meters.turn_over(apology)
    assert gaps(meters) == 1


def test_nobody_waited_for_a_greeting(meters: Meters) -> None:
    meters.turn_over(a_turn(user_text=GREETING))
    assert gaps(meters) == 0


def test_all_that_can_happen_is_there_from_the_start(meters: Meters) -> None:
    assert value(meters, "turns_total", mode="typed", status="failed") == 0


def test_a_late_event_loop_is_noted(meters: Meters) -> None:
    meters.late(0.03)
    assert value(meters, "event_loop_lag_seconds_count") == 1
    assert value(meters, "event_loop_lag_seconds_sum") == pytest.approx(0.03)


class Broken:
    def turn_over(self, seen: TurnSeen) -> None:
        raise RuntimeError("out of order")

    engine_failed = turn_over


def test_an_onlooker_that_breaks_keeps_nobody_from_looking_on(
    meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    everybody = Onlookers([Broken(), meters])  # type: ignore[list-item]
    everybody.turn_over(a_turn())
    everybody.engine_failed("hearing")
    assert (gaps(meters), meters.failures["hearing"]) == (1, 1)
    assert "has broken" in caplog.text


def test_somebody_who_was_asked_to_wait_is_counted_once_by_what_was_late(meters: Meters) -> None:
    failed = a_turn(status="failed")
    failed.times.hold = Why("llm_first_token", 1_700, 1_800, "")
    meters.turn_over(failed)
    meters.turn_over(msgspec.structs.replace(failed, turn=a_turn(number=2).turn))
    meters.turn_over(a_turn())
    stages = ("recognising", "deciding", "thinking", "voicing", "sending")
    held = {stage: value(meters, "held_total", waiting_for=stage) for stage in stages}
    assert held == dict.fromkeys(stages, 0) | {"thinking": 1}
