"""What a test of a library needs: that it is there, and patience with the warnings in it."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

import pytest

Case = TypeVar("Case", bound=type)


MISSING: set[str] = set()
"""The extras whose engines can't be tested here."""


def needs(extra: str, *modules: str) -> list[pytest.MarkDecorator]:
    """The marks of tests that run the library of this extra."""
    missing = ", ".join(module for module in modules if find_spec(module) is None)
    reason = f"NOT TESTED without {missing}: make test-neural"
    if missing:
        MISSING.add(extra)
    return [
        pytest.mark.neural,
        pytest.mark.timeout(180),
        pytest.mark.skipif(bool(missing), reason=reason),
        pytest.mark.filterwarnings("ignore"),
    ]


def needing(extra: str, *modules: str) -> Callable[[Case], Case]:
    """The same for a class of tests beside others that need nothing."""

    def marked(case: Case) -> Case:
        for mark in needs(extra, *modules):
            case = mark(case)
        return case

    return marked
