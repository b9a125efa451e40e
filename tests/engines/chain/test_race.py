"""Who answers a turn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.race import Leave, Move, Race, RaceRules, Start, Switched
from repartee.engines.chain.standing import Standing
from repartee.errors import (
    BadInput,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    ReparteeError,
    RequestDeclined,
    RequestRefused,
)

BROKEN = EngineFailed("It broke.")
LOCKED = EngineLocked("Its key is wrong.")
TOO_LONG = RequestRefused("That is too long.")
DECLINED = RequestDeclined("That is against the rules.")
UNFIT = EngineNonsense("It refused the request.", blamed="either")


def three() -> Standing:
    standing = Standing(3, BreakerRules(failures=2, rest_s=10))
    standing.there = {0, 1, 2}
    return standing


def race(standing: Standing | None = None, *, hedge: bool = False) -> Race:
    return Race(standing or three(), RaceRules(1.0, hedge), range(3))


def rest(standing: Standing, *members: int) -> None:
    for member in members:
        standing.breakers[member].failed(0.0, for_good=True)


def switches(moves: list[Move]) -> list[tuple[int, int, str]]:
    return [(m.before, m.after, str(m.failure)) for m in moves if isinstance(m, Switched)]


class TestInOrder:
    def test_the_best_is_asked_first_and_alone(self) -> None:
        assert race().begin(0.0) == [Start(0)]

    def test_the_first_answer_wins(self) -> None:
        turn = race()
        turn.begin(0.0)
        assert turn.answered(0, 0.5) == []
        assert turn.winner == 0

    def test_a_failure_starts_the_next(self) -> None:
        turn = race()
        turn.begin(0.0)
        assert turn.failed(0, BROKEN, 0.1) == [Leave(0), Switched(0, 1, BROKEN), Start(1)]

    def test_so_does_a_missed_deadline(self) -> None:
        turn = race()
        turn.begin(0.0)
        assert turn.deadline(0.0) == 1.0
        moves = turn.time_passed(1.0)
        assert switches(moves) == [(0, 1, "It did not answer within 1000 ms.")]
        assert Leave(0) in moves
        assert turn.deadline(1.0) == 2.0

    def test_the_last_has_all_the_time_there_is(self) -> None:
        turn = race()
        turn.begin(0.0)
        turn.failed(0, BROKEN, 0.0)
        turn.failed(1, BROKEN, 0.0)
        assert turn.deadline(0.0) is None
        assert turn.time_passed(99.0) == []

    def test_when_all_have_failed_the_last_failure_is_told(self) -> None:
        turn = race()
        turn.begin(0.0)
        for member in range(3):
            turn.failed(member, BROKEN, 0.0)
        assert turn.failure is BROKEN
        assert not turn.waits

    def test_without_anybody_it_is_lost_at_once(self) -> None:
        turn = race(Standing(3, BreakerRules()))
        assert turn.begin(0.0) == []
        assert "works just now" in str(turn.failure)

    def test_what_comes_too_late_changes_nothing(self) -> None:
        turn = race()
        turn.begin(0.0)
        turn.time_passed(1.0)
        assert turn.answered(0, 1.1) == []
        assert turn.failed(0, BROKEN, 1.1) == []
        assert turn.winner is None

    def test_nobody_is_hurried_where_nobody_waits(self) -> None:
        turn = Race(three(), RaceRules(None, hedge=True), range(3))
        turn.begin(0.0)
        assert turn.deadline(0.0) is None
        assert turn.time_passed(99.0) == []


class TestThoseWhoRest:
    def test_they_are_passed_over(self) -> None:
        standing = three()
        rest(standing, 0)
        assert race(standing).begin(1.0) == [Start(1)]

    def test_they_are_asked_when_there_is_nobody_else(self) -> None:
        standing = three()
        rest(standing, 0, 1)
        turn = race(standing)
        assert turn.begin(1.0) == [Start(2)]
        assert turn.deadline(1.0) is None, (
            "the last that works is not broken off for one that rests"
        )
        assert Start(0) in turn.failed(2, BROKEN, 1.0)

    def test_a_probe_is_hedged_so_that_it_costs_little(self) -> None:
        standing = three()
        rest(standing, 0)
        turn = race(standing)
        assert turn.begin(1_000.0) == [Start(0)]
        assert turn.time_passed(1_000.5) == [Start(1)]

    def test_the_way_back_is_told(self) -> None:
        standing = three()
        rest(standing, 0)
        turn = race(standing)
        turn.begin(1_000.0)
        assert turn.answered(0, 1_000.1) == [Switched(1, 0, None)]

    def test_a_wrong_key_is_not_tried_twice(self) -> None:
        standing = three()
        turn = race(standing)
        turn.begin(0.0)
        turn.failed(0, LOCKED, 0.0)
        assert race(standing).begin(1.0) == [Start(1)]


class TestHedging:
    def test_the_next_starts_at_half_time_and_the_first_goes_on(self) -> None:
        turn = race(hedge=True)
        turn.begin(0.0)
        assert turn.deadline(0.0) == 0.5
        assert turn.time_passed(0.5) == [Start(1)]
        assert turn.deadline(0.5) == 1.0

    def test_the_loser_is_left_at_once(self) -> None:
        turn = race(hedge=True)
        turn.begin(0.0)
        turn.time_passed(0.5)
        moves = turn.answered(1, 0.7)
        assert Leave(0) in moves
        assert switches(moves)[0][:2] == (0, 1)

    def test_who_started_later_and_loses_has_not_failed(self) -> None:
        standing = three()
        turn = race(standing, hedge=True)
        turn.begin(0.0)
        turn.time_passed(0.5)
        assert turn.answered(0, 0.7) == [Leave(1)]
        standing.breakers[1].failed(0.7)
        assert standing.breakers[1].working

    def test_if_the_first_fails_the_other_is_already_at_it(self) -> None:
        turn = race(hedge=True)
        turn.begin(0.0)
        turn.time_passed(0.5)
        assert turn.failed(0, BROKEN, 0.6) == [Leave(0), Switched(0, 1, BROKEN)]


class TestWhatIsTheRequestsFault:
    @pytest.mark.parametrize("refusal", [TOO_LONG, BadInput("That is no sound.")])
    def test_is_not_held_against_the_engine(self, refusal: ReparteeError) -> None:
        standing = three()
        for _ in range(5):
            turn = race(standing)
            turn.begin(0.0)
            moves = turn.failed(0, refusal, 0.1)
            assert moves == [Leave(0), Switched(0, 1, refusal), Start(1)], "another may do it"
        assert standing.breakers[0].working
        assert standing.breakers[0].failures == 0

    def test_what_is_declined_is_asked_of_nobody_else(self) -> None:
        standing = three()
        turn = race(standing, hedge=True)
        turn.begin(0.0)
        turn.time_passed(0.5)
        assert turn.failed(0, DECLINED, 0.6) == [Leave(0), Leave(1)]
        assert turn.failure is DECLINED
        assert standing.breakers[0].failures == 0

    def test_where_nobody_knows_an_engine_that_once_answered_is_well(self) -> None:
        standing = three()
        turn = race(standing)
        turn.begin(0.0)
        turn.answered(0, 0.1)
        for _ in range(3):
            turn = race(standing)
            turn.begin(0.0)
            turn.failed(0, UNFIT, 0.1)
        assert standing.breakers[0].working

    def test_and_one_that_never_did_may_be_set_up_wrongly(self) -> None:
        standing = three()
        for _ in range(2):
            turn = race(standing)
            turn.begin(0.0)
            turn.failed(0, UNFIT, 0.1)
        assert not standing.breakers[0].working


class TestOnceItIsWon:
    def test_to_begin_is_not_to_answer(self) -> None:
        standing = three()
        for now in (0.0, 1.0):
            turn = race(standing)
            turn.begin(now)
            turn.ready(0, now)
            turn.broke_off(0, BROKEN, now)
        assert not standing.breakers[0].working

    def test_the_next_can_go_on_for_the_winner(self) -> None:
        turn = race()
        turn.begin(0.0)
        turn.answered(0, 0.1)
        assert Start(1) in turn.failed(0, BROKEN, 5.0)
        assert turn.waits

    def test_or_nobody_can(self) -> None:
        turn = race()
        turn.begin(0.0)
        turn.answered(0, 0.1)
        assert turn.broke_off(0, BROKEN, 5.0) == [Leave(0)]
        assert turn.failure is BROKEN

    def test_to_be_there_proves_nothing(self) -> None:
        standing = three()
        standing.breakers[0].failed(0.0)
        turn = race(standing)
        turn.begin(0.0)
        turn.ready(0, 0.1)
        assert turn.deadline(0.1) is None
        turn.ask(9.0)
        assert turn.deadline(9.0) == 10.0
        turn.time_passed(10.0)
        assert not standing.breakers[0].working

    def test_a_question_that_nobody_asks_any_more_is_nobodys_fault(self) -> None:
        turn = race(hedge=True)
        turn.begin(0.0)
        turn.ready(0, 0.1)
        turn.ask(9.0)
        turn.time_passed(9.5)
        assert turn.call_off() == [Leave(1)]
        assert turn.deadline(9.6) is None


HAPPENS = st.lists(
    st.tuples(
        st.floats(0, 2),
        st.integers(0, 2),
        st.sampled_from(
            ["answered", "ready", "failed", "locked", "too long", "time", "ask", "call off"]
        ),
    ),
    max_size=40,
)


@settings(max_examples=200)
@given(HAPPENS, st.booleans(), st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2)))
def test_whatever_happens(
    happens: list[tuple[float, int, str]], hedge: bool, there: set[int], resting: set[int]
) -> None:
    """Moves fit what is at work; nobody is asked twice; every switch leads to who goes on."""
    standing = three()
    standing.there = there
    rest(standing, *resting)
    turn, now = race(standing, hedge=hedge), 0.0
    at_work: set[int] = set()
    asked: set[int] = set()

    def heed(moves: list[Move]) -> None:
        for move in moves:
            match move:
                case Start(member):
                    assert member in there - asked
                    at_work.add(member)
                    asked.add(member)
                case Leave(member):
                    at_work.remove(member)
                case Switched(before, after, _):
                    assert before != after
        assert len(at_work) <= 2
        switched = [move for move in moves if isinstance(move, Switched)]
        went_too = {move.before for move in switched}
        assert all(move.after in at_work | went_too for move in switched)

    heed(turn.begin(now))
    for passed, member, event in happens:
        now += passed
        match event:
            case "answered":
                heed(turn.answered(member, now))
            case "ready":
                heed(turn.ready(member, now))
            case "failed":
                heed(turn.failed(member, BROKEN, now))
            case "locked":
                heed(turn.failed(member, LOCKED, now))
            case "too long":
                heed(turn.failed(member, TOO_LONG, now))
            case "ask":
                turn.ask(now)
            case "call off":
                heed(turn.call_off())
            case _:
                heed(turn.time_passed(now))
        if turn.winner is not None:
            assert at_work == {turn.winner}
        elif turn.failure is not None:
            assert at_work == set()
            assert asked == there, "nobody was left who could have answered"
        else:
            assert at_work
            due = turn.deadline(now)
            heed(turn.time_passed(now if due is None else max(now, due)))


@given(st.permutations(range(3)), st.integers(0, 3), st.booleans())
def test_as_long_as_one_works_there_is_an_answer_in_time(
    order: list[int], broken: int, hedge: bool
) -> None:
    """Whoever hangs costs one deadline at most; the chain never gives up before the last."""
    hanging = set(order[: min(broken, 2)])
    turn, now = race(hedge=hedge), 0.0
    turn.begin(now)
    started = {0: 0.0}
    while turn.waits:
        working = [m for m in started if m not in hanging]
        if working:
            turn.answered(working[0], now)
            break
        due = turn.deadline(now)
        assert due is not None
        now = due
        started |= {m.member: now for m in turn.time_passed(now) if isinstance(m, Start)}
    assert turn.winner is not None
    assert turn.winner not in hanging
    assert now <= len(hanging) * 1.0
