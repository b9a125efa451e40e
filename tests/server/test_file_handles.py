"""Room for as many connections as are wished, or a sentence that says there is none."""

from __future__ import annotations

import resource

import pytest

from repartee.server.file_handles import make_room

BEYOND = resource.RLIM_INFINITY


class Limits:
    """Those of a process, as the system keeps them."""

    def __init__(self, soft: int, hard: int, most: int = 1_000_000) -> None:
        self.soft, self.hard, self._most = soft, hard, most

    def get(self, what: int) -> tuple[int, int]:
        assert what == resource.RLIMIT_NOFILE
        return self.soft, self.hard

    def set(self, what: int, limits: tuple[int, int]) -> None:
        assert what == resource.RLIMIT_NOFILE
        soft, hard = limits
        if soft > self._most:
            raise ValueError("not even root may have so many")
        assert hard == self.hard
        self.soft = soft


def limits_after(connections: int, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(resource, "getrlimit", limits.get)
    monkeypatch.setattr(resource, "setrlimit", limits.set)
    make_room(connections)
    return limits.soft


@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [
        (1_024, 4_096, 1_256),
        (1_024, BEYOND, 1_256),
        (4_096, 4_096, 4_096),
        (BEYOND, BEYOND, BEYOND),
    ],
)
def test_it_takes_what_it_needs(
    soft: int,
    hard: int,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert limits_after(1_000, Limits(soft, hard), monkeypatch) == after
    assert not caplog.messages


@pytest.mark.parametrize(
    ("limits", "after"), [(Limits(256, 512), 512), (Limits(512, BEYOND, most=600), 512)]
)
def test_where_there_is_no_room_it_says_so_once(
    limits: Limits,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert limits_after(1_000, limits, monkeypatch) == after
    assert caplog.messages == [
        "1000 connections do not fit into the 512 files that this process may have open: raise "
        "its limit (ulimit -n, LimitNOFILE), or lower MAX_CONNECTIONS."
    ]
