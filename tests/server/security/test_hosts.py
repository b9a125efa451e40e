"""By which names the server is reached, and by which a page elsewhere would reach it."""

from __future__ import annotations

import socket

import pytest

from repartee.server.security.hosts import Hosts

BOUND = "voice.home"
HERE = Hosts(BOUND, ("voice.example.org", ".ours.example"))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "localhost",
        "localhost:8000",
        "LOCALHOST:8000",
        "127.0.0.1:8000",
        "[::1]:8000",
        "192.168.1.5:8000",
        "[fe80::1]",
        "call.localhost:8000",
        "voice.home:8000",
        "voice.example.org",
        "voice.example.org.",
        "a.ours.example",
        "a.b.ours.example:443",
        socket.gethostname(),
    ],
)
def test_our_names_and_any_address_in_figures(header: str | None) -> None:
    assert HERE.know(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "voice.example.org.evil.example",
        "ours.example",
        "notours.example",
        "evil.example@localhost",
        "localhost:8000:1",
        "localhost/evil.example",
        "localhost evil.example",
        "[::1",
        "::1",
        "[evil.example]",
        "lo\u212aalhost",
        "a" * 300,
    ],
)
def test_nobody_elses(header: str) -> None:
    assert not HERE.know(header)


def test_any_name_where_that_is_wished() -> None:
    assert Hosts(BOUND, ("*",)).know("evil.example")


def test_it_says_what_it_knows() -> None:
    assert "voice.example.org" in repr(HERE)
