"""What many callers share, and that nobody takes it all."""

from __future__ import annotations

import pytest

from repartee.calls.refusals import LimitReached, TryLater
from repartee.calls.shares import Shares
from tests.calls.visiting import paid_by


def of(most: int, unit: int = 1) -> Shares:
    """Of all something is free again in seven seconds, of one's own in twenty."""
    return Shares(most, "places", lambda who, missing: (20 if who else 7) * missing, unit)


def taken_by(who: str, shares: Shares) -> int:
    """All that they can have now."""
    with paid_by(who):
        while shares.refusal() is None:
            shares.take()
    return shares.of(who)


class TestHowMuchOneMayHave:
    @pytest.mark.parametrize(("most", "half"), [(64, 32), (7, 4), (3, 2), (2, 1), (1, 1)])
    def test_who_is_alone_has_half_of_it(self, most: int, half: int) -> None:
        assert taken_by("ada", of(most)) == half

    def test_whoever_comes_next_finds_room_however_greedy_the_others_are(self) -> None:
        shares = of(64)
        had = [taken_by(who, shares) for who in ("ada", "bob", "cy", "dee")]
        assert had == [32, 16, 8, 4]
        assert shares.taken == 60

    def test_two_that_ask_by_turns_have_a_third_each(self) -> None:
        shares = of(60)
        for _ in range(20):
            for who in ("ada", "bob"):
                with paid_by(who):
                    shares.take()
        for who in ("ada", "bob"):
            with paid_by(who), pytest.raises(LimitReached):
                shares.take()

    def test_what_is_given_back_may_be_taken_again_by_anybody(self) -> None:
        shares = of(4)
        with paid_by("ada"):
            with shares.share(), shares.share():
                assert (shares.of("ada"), shares.taken) == (2, 2)
            assert (shares.of("ada"), shares.taken) == (0, 0)
        assert taken_by("bob", shares) == 2

    def test_who_is_nobody_in_particular_may_have_all_of_it(self) -> None:
        assert taken_by("", of(64)) == 64

    def test_much_at_a_time_counts_as_much(self) -> None:
        shares = of(10)
        with paid_by("ada"):
            with pytest.raises(TryLater, match="All 10 places are taken"):
                shares.take(11)
            shares.take(4)
            with pytest.raises(LimitReached):
                shares.take(3)
            shares.take(1)


class TestWhatIsSaid:
    def test_of_ones_own_share(self) -> None:
        shares = of(4)
        taken_by("ada", shares)
        with paid_by("ada"), pytest.raises(LimitReached) as refused:
            shares.take()
        sentence = "Your share of the places is taken: 2 of 4. Try again in 20 seconds."
        assert str(refused.value) == sentence

    def test_when_all_is_taken(self) -> None:
        shares = of(4)
        taken_by("", shares)
        with paid_by("ada"), pytest.raises(TryLater) as refused:
            shares.take()
        assert str(refused.value) == "All 4 places are taken. Try again in 7 seconds."
        assert not isinstance(refused.value, LimitReached)

    def test_in_a_unit_that_people_know(self) -> None:
        shares = of(8 << 20, unit=1 << 20)
        with paid_by("ada"):
            shares.take(3 << 20)
            refusal = shares.refusal(3 << 20)
        assert str(refusal).startswith("Your share of the places is taken: 3 of 8.")

    def test_it_may_be_asked_again_when_enough_is_given_back(self) -> None:
        """What is given back is theirs no more, and free for them: half of what is missing does."""
        asked: list[tuple[str, int]] = []

        def free_again(who: str, missing: int) -> float:
            asked.append((who, missing))
            return 1.0

        shares = Shares(10, "places", free_again)
        with paid_by("ada"):
            shares.take(5)
            assert shares.refusal(3) is not None
            assert shares.refusal(7) is not None
            assert asked == [("ada", 2), ("", 2)]
            shares.give_back("ada", 2)
            assert shares.refusal(3) is None

    def test_it_tells_about_itself(self) -> None:
        assert repr(of(3)) == "<Shares, 3 of 3 places free>"
