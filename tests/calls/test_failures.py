"""What a caller is told of an exception."""

from __future__ import annotations

import pytest

from repartee.calls.failures import error_of, sentence_of
from repartee.errors import EngineFailed

OURS = EngineFailed("The ear is blocked.", hint="Clean it.")
OTHERWISE = "It failed. Please try again."


def test_an_error_of_ours_speaks_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    assert sentence_of(OURS, OTHERWISE) == "The ear is blocked. Clean it."
    assert caplog.text == ""


def test_of_any_other_only_the_log_learns_more(caplog: pytest.LogCaptureFixture) -> None:
    assert sentence_of(OSError("/secret/path"), OTHERWISE) == OTHERWISE
    assert "/secret/path" in caplog.text


@pytest.mark.parametrize(
    "several",
    [
        ExceptionGroup("several", [OURS]),
        ExceptionGroup("several", [OSError("/secret/path"), OURS]),
        ExceptionGroup(
            "several", [OSError("no"), ExceptionGroup("more", [ValueError("no"), OURS])]
        ),
    ],
)
def test_among_several_the_first_of_ours_is_told(several: ExceptionGroup[Exception]) -> None:
    assert sentence_of(several, OTHERWISE) == "The ear is blocked. Clean it."


def test_it_is_known_by_its_code() -> None:
    assert error_of(ExceptionGroup("several", [OSError("no"), OURS]), OTHERWISE) is OURS
    assert error_of(OSError("no"), OTHERWISE).code == "error"


def test_several_others_are_told_as_one() -> None:
    several = ExceptionGroup("several", [OSError("no"), ValueError("no")])
    assert sentence_of(several, OTHERWISE) == OTHERWISE
