"""When an engine rests, and how it comes back."""

from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.chain.breaker import Breaker, BreakerRules

RULES = BreakerRules(failures=2, within_s=60, rest_s=10, longest_rest_s=40)


def resting() -> Breaker:
    breaker = Breaker(RULES)
    breaker.failed(0.0)
    breaker.failed(0.0)
    return breaker


class TestGoingToRest:
    def test_one_failure_is_forgiven(self) -> None:
        breaker = Breaker(RULES)
        assert not breaker.failed(0.0)
        assert breaker.may_be_tried(0.0)

    def test_a_row_of_them_is_not(self) -> None:
        breaker = Breaker(RULES)
        breaker.failed(0.0)
        assert breaker.failed(59.0)
        assert not breaker.may_be_tried(59.0)
        assert breaker.rests_for(60.0) == 9.0

    def test_failures_far_apart_are_no_row(self) -> None:
        breaker = Breaker(RULES)
        breaker.failed(0.0)
        assert not breaker.failed(61.0)

    def test_an_answer_ends_the_row(self) -> None:
        breaker = Breaker(RULES)
        breaker.failed(0.0)
        assert not breaker.answered()
        assert not breaker.failed(1.0)

    def test_what_trying_again_can_not_help_rests_at_once_and_long(self) -> None:
        breaker = Breaker(RULES)
        assert breaker.failed(0.0, for_good=True)
        assert breaker.rests_for(0.0) == RULES.longest_rest_s


class TestTheWayBack:
    def test_after_the_rest_one_may_try_and_the_others_go_past(self) -> None:
        breaker = resting()
        assert not breaker.may_be_tried(9.9)
        assert breaker.may_be_tried(10.0)
        breaker.begin(10.0)
        assert not breaker.may_be_tried(10.1)

    def test_an_answer_lets_everybody_back(self) -> None:
        breaker = resting()
        breaker.begin(10.0)
        assert breaker.answered()
        assert breaker.working

    def test_each_failed_probe_doubles_the_rest_up_to_a_bound(self) -> None:
        breaker, now = resting(), 0.0
        rests = []
        for _ in range(4):
            now += breaker.rests_for(now)
            breaker.begin(now)
            breaker.failed(now)
            rests.append(breaker.rests_for(now))
        assert rests == [20.0, 40.0, 40.0, 40.0]

    def test_a_probe_that_came_to_nothing_is_followed_by_another(self) -> None:
        breaker = resting()
        breaker.begin(10.0)
        assert breaker.may_be_tried(20.0)

    def test_who_learns_late_of_the_trouble_does_not_prolong_the_rest(self) -> None:
        breaker = resting()
        assert not breaker.failed(5.0)
        assert breaker.may_be_tried(10.0)

    def test_after_an_answer_the_next_rest_is_short_again(self) -> None:
        breaker = resting()
        breaker.begin(10.0)
        breaker.failed(10.0)
        breaker.answered()
        breaker.failed(11.0)
        breaker.failed(11.0)
        assert breaker.rests_for(11.0) == RULES.rest_s


EVENTS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["try", "answer", "fail", "fail for good"])),
    max_size=60,
)


@given(EVENTS)
def test_whatever_happens(events: list[tuple[int, str]]) -> None:
    """Nobody rests without a reason, or for longer than the bound; one answer ends every rest."""
    breaker, now, failures = Breaker(RULES), 0, 0
    for passed, event in events:
        now += passed
        match event:
            case "try":
                was_due = not breaker.working and breaker.may_be_tried(now)
                breaker.begin(now)
                assert not (was_due and breaker.may_be_tried(now)), "one probe at a time"
            case "answer":
                breaker.answered()
                failures = 0
                assert breaker.may_be_tried(now)
            case _:
                breaker.failed(now, for_good=event != "fail")
                failures += RULES.failures if event != "fail" else 1
        assert breaker.working or failures >= RULES.failures
        assert 0 <= breaker.rests_for(now) <= RULES.longest_rest_s
        assert breaker.may_be_tried(now + RULES.longest_rest_s), "there is always a way back"
