"""How many lines there may be, in all and from one address."""

from __future__ import annotations

import pytest

from repartee.calls.refusals import LimitReached, TryLater
from repartee.server.limits.connections import Connections, connections
from repartee.settings import Settings


class FakeLine:
    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def lines_from(address: str, number: int, known: Connections) -> list[FakeLine]:
    made = [FakeLine() for _ in range(number)]
    for line in made:
        known.let_in(line, address)
    return made


def test_one_address_has_so_many() -> None:
    known = Connections(100, most_of_one=2)
    first, _ = lines_from("203.0.113.7", 2, known)
    with pytest.raises(LimitReached, match=r"^The limit of 2 connections from one address is"):
        known.let_in(FakeLine(), "203.0.113.7")
    known.let_in(FakeLine(), "203.0.113.8")
    known.gone(first)
    known.gone(first)
    known.let_in(FakeLine(), "203.0.113.7")
    assert len(known) == 3
    assert known.refused == {"address": 1}


def test_a_line_that_was_refused_frees_nothing() -> None:
    known, refused = Connections(100, most_of_one=1), FakeLine()
    lines_from("203.0.113.7", 1, known)
    for _ in range(2):
        with pytest.raises(LimitReached):
            known.let_in(refused, "203.0.113.7")
        known.gone(refused)


def test_addresses_of_one_owner_count_together() -> None:
    known = Connections(100, most_of_one=1)
    known.let_in(FakeLine(), "2001:db8:1:2::1")
    with pytest.raises(LimitReached):
        known.let_in(FakeLine(), "2001:db8:1:2:ffff::9")


@pytest.mark.parametrize("proxies", [("10.0.0.0/8",), ("127.0.0.1/32", "10.0.0.7/32"), ("*",)])
def test_a_proxy_speaks_for_many(proxies: tuple[str, ...]) -> None:
    known = Connections(100, 1, proxies)
    lines_from("10.0.0.7", 5, known)
    if proxies != ("*",):
        lines_from("203.0.113.7", 1, known)
        with pytest.raises(LimitReached):
            known.let_in(FakeLine(), "203.0.113.7")


def test_when_there_is_no_room_whoever_is_silent_longest_makes_it() -> None:
    known = Connections(3)
    first, second, third = lines_from("203.0.113.7", 3, known)
    for line in (first, second, third):
        known.owes(line)
    known.has_said(first)
    newcomer = FakeLine()
    known.let_in(newcomer, "203.0.113.8")
    assert [line.aborted for line in (first, second, third)] == [False, True, False]
    known.gone(second)
    assert len(known) == 3
    assert known.refused == {"all": 1}


def test_those_that_were_answered_make_it_after_those_that_never_spoke() -> None:
    known = Connections(3)
    answered, silent, busy = lines_from("203.0.113.7", 3, known)
    known.owes(answered, was_answered=True)
    known.owes(silent)
    assert repr(known) == "<Connections 3 of 3, 2 silent>"
    lines_from("203.0.113.8", 1, known)
    assert [line.aborted for line in (answered, silent, busy)] == [False, True, False]
    lines_from("203.0.113.8", 1, known)
    assert [line.aborted for line in (answered, silent, busy)] == [True, True, False]
    with pytest.raises(TryLater):
        known.let_in(FakeLine(), "203.0.113.8")


def test_one_that_was_answered_and_asks_again_is_not_silent() -> None:
    known = Connections(1)
    (line,) = lines_from("203.0.113.7", 1, known)
    known.owes(line, was_answered=True)
    known.has_said(line)
    with pytest.raises(TryLater):
        known.let_in(FakeLine(), "203.0.113.8")


def test_not_more_than_a_hundred_are_told_at_once_why_they_were_not_let_in() -> None:
    known = Connections(1)
    first, *others = [FakeLine() for _ in range(100)]
    assert known.see_out(first)
    assert all(known.see_out(line) for line in others)
    assert not known.see_out(FakeLine())
    known.gone(first)
    assert known.see_out(FakeLine())


def test_where_nobody_is_silent_the_newcomer_is_refused() -> None:
    known = Connections(3)
    (first, *_) = lines_from("203.0.113.7", 3, known)
    with pytest.raises(TryLater, match=r"^The server has all the connections it takes\. Try again"):
        known.let_in(FakeLine(), "203.0.113.8")
    assert not first.aborted
    known.gone(first)
    known.let_in(FakeLine(), "203.0.113.8")


def test_a_line_that_is_gone_owes_nothing() -> None:
    known = Connections(1)
    (line,) = lines_from("203.0.113.7", 1, known)
    known.gone(line)
    known.owes(line)
    lines_from("203.0.113.8", 1, known)
    with pytest.raises(TryLater):
        known.let_in(FakeLine(), "203.0.113.9")
    assert not line.aborted


def test_the_log_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    time = 1_000.0
    known = Connections(100, 1, clock=lambda: time)
    lines_from("203.0.113.7", 1, known)
    for _ in range(5):
        with pytest.raises(LimitReached):
            known.let_in(FakeLine(), "203.0.113.7")
    assert len(caplog.messages) == 1
    time += 60
    with pytest.raises(LimitReached):
        known.let_in(FakeLine(), "203.0.113.7")
    assert caplog.messages[-1] == (
        "There are too many connections (1, 0 of them silent): 5 were refused or ended, the last "
        "because of 203.0.113.7."
    )


def test_there_is_room_for_the_pages_of_all_calls() -> None:
    assert repr(connections(Settings())) == "<Connections 0 of 800, 0 silent>"
    assert repr(connections(Settings(max_calls=1))) == "<Connections 0 of 200, 0 silent>"
    assert repr(connections(Settings(max_connections=7))) == "<Connections 0 of 7, 0 silent>"


def test_at_this_machine_one_address_may_have_all() -> None:
    lines_from("127.0.0.1", 5, connections(Settings(limit_connections=1)))
    known = connections(Settings(limit_connections=1, limits="on"))
    with pytest.raises(LimitReached):
        lines_from("127.0.0.1", 2, known)
