"""Programs that some tests need and that pip can't install."""

from __future__ import annotations

import shutil
from typing import NoReturn

import pytest


def needed_program(*names: str, package: str) -> str:
    """Where the first of these programs is; without it a test is skipped and says so."""
    for name in names:
        if (path := shutil.which(name)) is not None:
            return path
    not_tested(f"there is no {' or '.join(names)} here", package)


def not_tested(why: str, package: str) -> NoReturn:
    """Where `CI` is set this is a failure: tests/skipping.py."""
    pytest.skip(
        f"NOT TESTED: {why}. Install it (on Debian: apt-get install {package}) and run the tests "
        "again."
    )
