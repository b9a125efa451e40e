"""Whom something is counted for."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from repartee.server.limits.payers import household_of, payer_of
from repartee.server.security.callers import STRANGER, Caller, introduce


def a_scope(address: str | None) -> dict[str, Any]:
    client = None if address is None else (address, 1_234)
    return {"type": "http", "headers": [], "client": client}


@pytest.mark.parametrize(
    ("address", "household"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_and_all_that_its_owner_has(address: str, household: str) -> None:
    assert household_of(address) == household
    assert payer_of(a_scope(address)) == f"address {household}"


def test_a_key_counts_wherever_it_is_shown() -> None:
    for address in ("10.0.0.7", "10.0.0.8"):
        scope = a_scope(address)
        introduce(HTTPConnection(scope), Caller("0123456789abcdef"))
        assert payer_of(scope) == "key 0123456789abcdef"


def test_without_a_key_it_is_the_address() -> None:
    scope = a_scope("10.0.0.7")
    introduce(HTTPConnection(scope), STRANGER)
    assert payer_of(scope) == "address 10.0.0.7"


def test_behind_a_socket_file_there_is_no_address() -> None:
    assert payer_of(a_scope(None)) == ""
