"""Tokens: short-lived, signed, and understood by whoever has the same secret."""

from __future__ import annotations

import re

import pytest

from repartee.server.security.tokens import Tokens

SECRET = "sixteen-characters"
KEY_ID = "0123456789abcdef"
NOW = 1_750_000_000.0


def at(moment: float, secret: str | None = SECRET) -> Tokens:
    return Tokens(secret, 60, lambda: moment)


def test_it_says_for_which_key_it_was_issued() -> None:
    assert at(NOW).read(at(NOW).issue(KEY_ID)) == KEY_ID


def test_it_can_stand_in_an_address_and_in_a_header_as_it_is() -> None:
    assert re.fullmatch(r"[A-Za-z0-9._\-]+", at(NOW).issue(KEY_ID))


def test_it_holds_for_a_minute() -> None:
    token = at(NOW).issue(KEY_ID)
    assert at(NOW + 59).read(token) == KEY_ID
    assert at(NOW + 60).read(token) is None


def test_a_secret_of_ones_own_is_not_understood_elsewhere() -> None:
    one, other = at(NOW, None), at(NOW, None)
    assert one.read(one.issue(KEY_ID)) == KEY_ID
    assert other.read(one.issue(KEY_ID)) is None


def forged() -> list[str]:
    said, _, signature = at(NOW).issue(KEY_ID).rpartition(".")
    version, key_id, until = said.split(".")
    return [
        "",
        said,
        f"{said}.",
        f"{said}.{signature[:-1]}",
        f"{said}.{signature}=",
        f"{said}.{'A' * 43}",
        f"{said}.{signature}\n",
        f"{version}.fedcba9876543210.{until}.{signature}",
        f"{version}.{key_id}.{int(until) + 1}.{signature}",
        f"t2.{key_id}.{until}.{signature}",
        f"{version}.{key_id}.{'9' * 400}.{signature}",
        f"{version}.{key_id}.\u0661{until[1:]}.{signature}",
        at(NOW, "another-secret-of-16").issue(KEY_ID),
    ]


@pytest.mark.parametrize("token", forged())
def test_nothing_else_is_a_token(token: str) -> None:
    assert at(NOW).read(token) is None


def test_one_that_is_too_old_is_still_known_as_ours() -> None:
    assert at(NOW + 600).is_ours(at(NOW).issue(KEY_ID))
    assert not at(NOW).is_ours(at(NOW, "another-secret-of-16").issue(KEY_ID))


@pytest.mark.parametrize("token", forged())
def test_what_is_forged_is_not_ours(token: str) -> None:
    assert not at(NOW).is_ours(token)
